import ModelFormats
import OCI
import RegistryCore
import RegistryPorts
import StrictJSON

/// A manifest from outside that is what its sender says it is, and of a shape that everybody reads alike.
struct CheckedManifest: Sendable {
    /// distribution-spec 1.1, "Pushing Manifests": a registry takes 4 MiB at least; this one takes no more.
    static let bytesMax = ManifestLimits.standard.json.bytesMax

    let bytes: [UInt8]
    let version: Digest
    let document: ManifestDocument
    let files: [ArtifactFile]
    /// The config, where it is kept as a document, too.
    let config: Descriptor?
    /// What it brings into a repository.
    let place: ManifestPlace

    /// - Throws: `.invalidManifest`, `.digestMismatch`.
    init(_ order: ManifestOrder) throws(RegistryError) {
        bytes = order.bytes
        do { document = try ManifestDocument(parsing: bytes) } catch {
            throw RegistryError(.invalidManifest, "This is not a manifest: \(error).", cause: error)
        }
        if let declared = order.mediaType, declared != document.mediaType {
            throw RegistryError(
                .invalidManifest, "The manifest is \(document.mediaType), not \(declared).",
                detail: ["field": "Content-Type", "actual": .string(document.mediaType.name)])
        }
        guard let hash = ArtifactManifests.hash(bytes, as: order.digest?.algorithm ?? .sha256) else {
            throw RegistryError(.internalError, "The manifest could not be hashed.")
        }
        if let expected = order.digest, expected != hash { throw .mismatch(expected: expected, actual: hash) }
        version = hash
        let contents = ArtifactManifests.contents(of: document, bytes)
        (files, config) = (contents.files, contents.configDocument)
        place = ManifestPlace(version: version, document: document, sizeBytes: UInt64(bytes.count))
    }

    /// - Throws: `.invalidName` for a repository whose name leaves no room for a digest.
    func name(in repository: RepositoryKey) throws(RegistryError) -> ArtifactName {
        do { return try ArtifactName(pushed: version, to: repository.name) } catch {
            throw RegistryError(.invalidName, "Nothing can be pushed there: \(error.rawValue).")
        }
    }

    func acquisition(_ format: String) throws -> Acquisition {
        Acquisition(
            content: ContentIdentity(
                layout: .manifest, sha256: try Digest(hashing: bytes),
                sizeBytes: document.blobs.reduce(0) { $0 &+ $1.size }, filename: "manifest.json"),
            format: format, source: nil, sourceRevision: nil)
    }
}

extension OpenedBlob {
    /// What the first bytes say the file is; `nil` when they say nothing, or cannot be read.
    var format: FileFormat? {
        let head = try? read(0..<min(sizeBytes, UInt64(FormatDetector.headBytes)))
        return head.flatMap(FormatDetector.structuredFormat)
    }

    /// All of it, when it is no longer than `bytesMax` and can be read.
    func contents(bytesMax: Int) -> [UInt8]? {
        sizeBytes <= UInt64(bytesMax) ? try? read(0..<sizeBytes) : nil
    }
}
