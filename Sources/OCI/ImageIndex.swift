import StrictJSON

/// An image index (image-spec 1.1, image-index.md): a list of manifests.
///
/// Bytes that came from outside are stored and served as they came; `encoded` is for indexes that we write.
public struct ImageIndex: Sendable, Hashable {
    /// `imageIndex`, or `dockerManifestList`, which has the same members.
    public var mediaType: MediaType
    public var artifactType: MediaType?
    public var manifests: [Descriptor]
    /// The manifest that this one is about, which makes it a referrer.
    public var subject: Descriptor?
    public var annotations: [String: String]

    public init(
        mediaType: MediaType = .imageIndex, artifactType: MediaType? = nil, manifests: [Descriptor],
        subject: Descriptor? = nil, annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        self.artifactType = artifactType
        self.manifests = manifests
        self.subject = subject
        self.annotations = annotations
    }

    /// The index as JSON without white space; `manifests` is there even when it is empty.
    public func encoded() -> [UInt8] {
        JSONValue.object(
            JSONObject(present: [
                ("schemaVersion", 2),
                ("mediaType", .string(mediaType.name)),
                ("artifactType", artifactType.map { .string($0.name) }),
                ("manifests", .array(manifests.map(\.json))),
                ("subject", subject?.json),
                ("annotations", Annotations.json(annotations)),
            ])
        ).encoded()
    }

    /// An index of descriptors that are JSON already, without white space.
    public static func encoded(listing descriptors: [[UInt8]]) -> [UInt8] {
        var bytes = Array(#"{"schemaVersion":2,"mediaType":"\#(MediaType.imageIndex.name)","manifests":["#.utf8)
        bytes.reserveCapacity(bytes.count + descriptors.reduce(2) { $0 + $1.count + 1 })
        for (number, descriptor) in descriptors.enumerated() {
            if number > 0 { bytes.append(UInt8(ascii: ",")) }
            bytes.append(contentsOf: descriptor)
        }
        bytes.append(contentsOf: "]}".utf8)
        return bytes
    }
}
