public import StrictJSON

/// Names some content by format, digest and size (image-spec, descriptor.md).
///
/// Members we have no use for (`urls`, `data`, `platform`) are not kept: content comes from the blob store or not at
/// all.
public struct Descriptor: Sendable, Hashable {
    /// The specification writes sizes as signed 64-bit numbers.
    public static let sizeMax = UInt64(Int64.max)

    public var mediaType: MediaType
    public var digest: Digest
    /// Bytes.
    public var size: UInt64
    public var artifactType: MediaType?
    public var annotations: [String: String]

    public init(
        mediaType: MediaType, digest: Digest, size: UInt64, artifactType: MediaType? = nil,
        annotations: [String: String] = [:]
    ) {
        self.mediaType = mediaType
        self.digest = digest
        self.size = size
        self.artifactType = artifactType
        self.annotations = annotations
    }

    /// The two bytes `{}`, which a manifest points at when it has no config (image-spec, manifest.md).
    public static let empty = Descriptor(
        mediaType: .empty,
        digest: Digest(
            sha256: Word256([
                0x44, 0x13, 0x6f, 0xa3, 0x55, 0xb3, 0x67, 0x8a, 0x11, 0x46, 0xad, 0x16, 0xf7, 0xe8, 0x64, 0x9e,
                0x94, 0xfb, 0x4f, 0xc2, 0x1f, 0xe7, 0x7e, 0x83, 0x10, 0xc0, 0x60, 0xf6, 0x1c, 0xaa, 0xff, 0x8a,
            ])),
        size: 2)

    /// Members in the order of the specification; annotations ordered by key.
    public var json: JSONValue {
        .object(
            JSONObject(present: [
                ("mediaType", .string(mediaType.name)),
                ("digest", .string(digest.description)),
                ("size", .integer(size)),
                ("annotations", Annotations.json(annotations)),
                ("artifactType", artifactType.map { .string($0.name) }),
            ]))
    }
}
