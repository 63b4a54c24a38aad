/// The name of a format, such as `application/vnd.oci.image.manifest.v1+json`.
///
/// Holds only names that RFC 6838 section 4.2 allows, without parameters: descriptors carry none.
public struct MediaType: Sendable, Hashable {
    /// RFC 6838 section 4.2: each side of the slash.
    public static let partBytesMax = 127

    public let name: String

    /// - Returns: `nil` when the name is not one that RFC 6838 allows.
    public init?(_ name: String) {
        let bytes = Array(name.utf8.prefix(2 * Self.partBytesMax + 2))
        let parts = bytes.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(Self.isRestrictedName) else { return nil }
        self.name = name
    }

    /// For the names this module spells out itself; `MediaTypeTests` reads each of them with the checking initialiser.
    init(known name: String) {
        self.name = name
    }

    private static func isRestrictedName(_ part: ArraySlice<UInt8>) -> Bool {
        guard let first = part.first, isAlphanumeric(first), part.count <= partBytesMax else { return false }
        return part.allSatisfy { isAlphanumeric($0) || "!#$&-^_.+".utf8.contains($0) }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}

extension MediaType: CustomStringConvertible {
    public var description: String {
        name
    }
}

extension MediaType {
    public static let octetStream = MediaType(known: "application/octet-stream")

    // image-spec, media-types.md
    public static let imageManifest = MediaType(known: "application/vnd.oci.image.manifest.v1+json")
    public static let imageIndex = MediaType(known: "application/vnd.oci.image.index.v1+json")
    public static let imageConfig = MediaType(known: "application/vnd.oci.image.config.v1+json")
    public static let empty = MediaType(known: "application/vnd.oci.empty.v1+json")

    // distribution, manifest-v2-2.md: what Ollama pushes and pulls
    public static let dockerManifest = MediaType(known: "application/vnd.docker.distribution.manifest.v2+json")
    public static let dockerManifestList = MediaType(known: "application/vnd.docker.distribution.manifest.list.v2+json")

    /// Whether it is a file system's changes in a tar archive, compressed or not (image-spec 1.1, layer.md;
    /// distribution, manifest-v2-2.md).
    public var isImageLayer: Bool {
        [
            "application/vnd.oci.image.layer.v1.tar", "application/vnd.oci.image.layer.v1.tar+gzip",
            "application/vnd.oci.image.layer.v1.tar+zstd", "application/vnd.docker.image.rootfs.diff.tar",
            "application/vnd.docker.image.rootfs.diff.tar.gzip", "application/vnd.docker.image.rootfs.diff.tar.zstd",
        ].contains(name)
    }

    /// Whether a layer of this type need not be in a registry, because clients fetch it from elsewhere (image-spec 1.1,
    /// layer.md, "Non-Distributable Layers"; distribution, manifest-v2-2.md).
    public var isNonDistributable: Bool {
        name.hasPrefix("application/vnd.oci.image.layer.nondistributable.v1.tar")
            || name == "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"
    }
}
