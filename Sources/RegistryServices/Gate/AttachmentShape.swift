import OCI
import RegistryPorts
import StrictJSON

/// What a signature, an attestation or a bill of materials looks like: a few small documents of JSON, whose types say
/// which.
///
/// The bounds are there so that no model leaves under such a name: none is JSON from its first byte to its last.
enum AttachmentShape {
    /// Most bytes of each document.
    static let documentBytesMax: UInt64 = 4 << 20
    /// Most layers: cosign adds one to a manifest for each signature.
    static let layersMax = 64

    /// Of cosign, sigstore, in-toto, SPDX, CycloneDX, Syft and the Notary project.
    private static let documents: Set<String> = [
        "application/vnd.dev.cosign.simplesigning.v1+json", "application/vnd.dsse.envelope.v1+json",
        "application/vnd.in-toto+json", "application/spdx+json", "text/spdx+json", "application/vnd.cyclonedx+json",
        "application/vnd.syft+json", "application/jose+json",
    ]
    private static let configs: Set<String> = [
        MediaType.empty.name, MediaType.imageConfig.name, "application/vnd.cncf.notary.signature",
    ]

    static func fits(_ manifest: Manifest) -> Bool {
        let config = manifest.config
        return (1...layersMax).contains(manifest.layers.count)
            && (configs.contains(config.mediaType.name) || isDocument(config.mediaType))
            && config.size <= documentBytesMax
            && manifest.layers.allSatisfy { isDocument($0.mediaType) && $0.size <= documentBytesMax }
    }

    private static func isDocument(_ mediaType: MediaType) -> Bool {
        let name = mediaType.name
        return documents.contains(name)
            || name.hasPrefix("application/vnd.dev.sigstore.bundle.") && name.hasSuffix("+json")
    }

    /// Whether the bytes are one object of JSON, from the first to the last.
    static func isDocument(_ file: any OpenedBlob) -> Bool {
        guard let bytes = file.contents(bytesMax: Int(documentBytesMax)) else { return false }
        return (try? StrictJSON.parse(bytes, limits: limits))?.asObject != nil
    }

    private static let limits = JSONLimits(
        bytesMax: Int(documentBytesMax), nodesMax: 1 << 18, stringBytesMax: Int(documentBytesMax))

    /// Under which tag cosign keeps signatures of a manifest where it does not use referrers.
    static func signatures(of subject: Digest) -> Tag? {
        Tag(parsing: "\(subject.algorithm.rawValue)-\(subject.hex).sig")
    }

    /// What is signed or described by what such a tag points at: `sha256-<hex>.sig`, `.att` or `.sbom` (cosign,
    /// `specs/SIGNATURE_SPEC.md`).
    ///
    /// - Returns: `nil` for other tags.
    static func subject(of tag: Tag) -> Digest? {
        let parts = tag.description.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 2, ["sig", "att", "sbom"].contains(parts[1]), parts[0].hasPrefix("sha256-") else {
            return nil
        }
        return try? Digest(parsing: "sha256:" + parts[0].dropFirst("sha256-".count))
    }
}
