internal import LinuxFiles
public import OCI
internal import StrictJSON

/// A manifest's bytes, as a registry or a layout keeps them, and what they are.
public struct StoredManifest: Sendable, Hashable {
    public var bytes: [UInt8]
    public var mediaType: MediaType
    /// Of the bytes.
    public var digest: Digest

    public init(bytes: [UInt8], mediaType: MediaType, digest: Digest) {
        self.bytes = bytes
        self.mediaType = mediaType
        self.digest = digest
    }

    public var descriptor: Descriptor {
        Descriptor(mediaType: mediaType, digest: digest, size: UInt64(bytes.count))
    }
}

extension StoredManifest {
    /// Reads the bytes strictly.
    ///
    /// - Parameter name: what the error calls it.
    public func document(called name: String) throws(DistributionFault) -> ManifestDocument {
        do {
            return try ManifestDocument(parsing: bytes)
        } catch {
            throw .manifest(name, error)
        }
    }

    /// How lists of referrers show it (distribution-spec 1.1, "Listing Referrers").
    func referrer(_ document: ManifestDocument) -> Descriptor {
        var descriptor = descriptor
        switch document {
        case .artifact(let manifest):
            descriptor.artifactType = manifest.effectiveArtifactType
            descriptor.annotations = manifest.annotations
        case .index(let index):
            descriptor.artifactType = index.artifactType
            descriptor.annotations = index.annotations
        }
        return descriptor
    }

    /// What the bytes say they are; `nil` when they do not.
    static func ownMediaType(of bytes: [UInt8]) -> MediaType? {
        let document = try? StrictJSON.parse(bytes, limits: ManifestLimits.standard.json)
        return document?.asObject?["mediaType"]?.asString.flatMap { MediaType($0) }
    }
}

extension Digest {
    /// What `algorithm` computes over `bytes`.
    public init(of bytes: [UInt8], by algorithm: Algorithm = .sha256) throws(DistributionFault) {
        var hash = RunningHash(algorithm)
        hash.update(bytes)
        self = try hash.distributionDigest(algorithm)
    }
}

extension RunningHash {
    init(_ algorithm: Digest.Algorithm) {
        switch algorithm {
        case .sha256: self.init(HashAlgorithm.sha256)
        case .sha512: self.init(HashAlgorithm.sha512)
        }
    }

    func distributionDigest(_ algorithm: Digest.Algorithm) throws(DistributionFault) -> Digest {
        do {
            return try Digest(algorithm, bytes: digest())
        } catch {
            throw .unsafe("A hash came out at the wrong length.")
        }
    }
}
