import StrictJSON

/// An image index (image-spec 1.1, image-index.md): a list of manifests, as the referrers of a manifest are answered.
public struct ImageIndex: Sendable, Hashable {
    public var manifests: [Descriptor]

    public init(manifests: [Descriptor]) {
        self.manifests = manifests
    }

    /// The index as JSON without white space; `manifests` is there even when it is empty.
    public func encoded() -> [UInt8] {
        JSONValue.object(
            JSONObject([
                ("schemaVersion", 2),
                ("mediaType", .string(MediaType.imageIndex.name)),
                ("manifests", .array(manifests.map(\.json))),
            ])
        ).encoded()
    }
}
