import StrictJSON

/// An image manifest (image-spec 1.1, manifest.md): a config and layers, named by digest.
///
/// Bytes that came from outside are stored and served as they came; `encoded` is for manifests that we write.
public struct Manifest: Sendable, Hashable {
    /// `imageManifest`, or `dockerManifest`, which has the same members.
    public var mediaType: MediaType
    public var artifactType: MediaType?
    public var config: Descriptor
    public var layers: [Descriptor]
    /// The manifest that this one is about, which makes it a referrer.
    public var subject: Descriptor?
    public var annotations: [String: String]

    public init(
        mediaType: MediaType = .imageManifest,
        artifactType: MediaType? = nil,
        config: Descriptor,
        layers: [Descriptor],
        subject: Descriptor? = nil,
        annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.config = config
        self.layers = layers
        self.subject = subject
        self.annotations = annotations
    }

    /// What kind of artifact this is: `artifactType`, or the config's media type where that is absent.
    public var effectiveArtifactType: MediaType {
        artifactType ?? config.mediaType
    }

    /// Config and layers, every blob that must be there for the manifest to be whole.
    public var blobs: [Descriptor] {
        [config] + layers
    }

    /// The manifest as JSON without white space. The same value always gives the same bytes, and so the same digest.
    public func encoded() -> [UInt8] {
        JSONValue.object(
            JSONObject(present: [
                ("schemaVersion", 2),
                ("mediaType", .string(mediaType.name)),
                ("artifactType", artifactType.map { .string($0.name) }),
                ("config", config.json),
                ("layers", .array(layers.map(\.json))),
                ("subject", subject?.json),
                ("annotations", Annotations.json(annotations)),
            ])
        ).encoded()
    }
}
