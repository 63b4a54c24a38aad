import OCI
import RegistryCore
import RegistryPorts
import Sigstore

/// A signature in one of the forms in which registries carry them, before anything of it is believed.
enum CarriedContent: Sendable {
    case bundle([UInt8])
    /// The older form of cosign: a payload, and a signature among the annotations of its layer.
    case simple(payload: [UInt8], annotations: [String: String])
}

/// Finds what was pushed into the repository of a version and carries signatures of it: referrers, and what cosign's
/// tag names.
///
/// Whoever may push there can add more. So what cannot be a signature takes no place, what can is looked at within
/// named limits, and whoever may attach bundles need not care: those are looked at first, and have limits of their own.
struct PushedSignatures: Sendable {
    /// Most referrers that are listed as signatures and looked at.
    static let carriersMax = 256
    /// Most lines of lists of referrers that are read, whatever they are of.
    static let linesMax = 10_000
    /// All signatures of one version together.
    static let allBytesMax = CarrierLimits.allBytesMax

    let manifests: ArtifactManifests
    let directory: ArtifactDirectory
    let tags: TagBook
    let blobs: any BlobStore
    let lists: RepositoryLists

    /// A manifest that may carry signatures.
    struct Carrier: Sendable {
        let version: Digest
        /// Whether something said that it does, so that it is broken if it does not.
        let isTyped: Bool
    }

    struct Carriers: Sendable {
        var carriers: [Carrier] = []
        /// The first that is not looked at.
        var more: Digest?
    }

    /// Those in the repository that a version is named by.
    func carriers(of record: ArtifactRecord) async throws(RegistryError) -> Carriers {
        let pushed = record.name.pushed?.repository ?? (try? RepositoryName(parsing: record.name.description))
        guard let pushed else { return Carriers() }
        return try await carriers(of: record, in: pushed)
    }

    /// Those in a repository that holds a version.
    func carriers(of record: ArtifactRecord, in name: RepositoryName) async throws(RegistryError) -> Carriers {
        let repository = RepositoryKey(tenant: record.key.tenant, name: name)
        let found = try await lists.referringVersions(
            of: record.key.version, in: repository, countMax: Self.carriersMax, linesMax: Self.linesMax
        ) { $0.map(SignatureManifest.mayCarry(artifactType:)) ?? true }
        var carriers = Carriers(
            carriers: found.rows.map { Carrier(version: $0.version, isTyped: $0.artifactType != nil) },
            more: found.more)
        // Cosign's tag is looked at whatever the lists are filled with.
        if let tag = AttachmentShape.signatures(of: record.key.version),
            let version = try await tags.version(of: tag, in: repository),
            !carriers.carriers.contains(where: { $0.version == version })
        {
            carriers.carriers.insert(Carrier(version: version, isTyped: false), at: 0)
        }
        return carriers
    }

    /// A signature that a carrier names.
    struct Layer: Sendable {
        let carrier: Digest
        /// `nil` for a layer that is named by no digest, or has more bytes than a signature.
        let digest: Digest?
        let sizeBytes: UInt64
        let signature: SignatureManifest.Layer
    }

    /// - Returns: none for a carrier that somebody took out of use; `nil` for one that cannot be read.
    func layers(of carrier: Carrier, in tenant: Tenant) async throws(RegistryError) -> [Layer]? {
        let key = ArtifactKey(tenant: tenant, version: carrier.version)
        let bytes: [UInt8]
        do throws(RegistryError) {
            let record = try await directory.record(of: key)
            guard record.state != .revoked, record.state.keepsBytes else { return [] }
            bytes = try await manifests.contents(of: key).manifest
        } catch {
            // A store that does not answer says nothing about the signature.
            guard error.isDamage || error.code == .artifactNotFound || error.code == .manifestNotFound else {
                throw error
            }
            return nil
        }
        guard let manifest = try? SignatureManifest(parsing: bytes) else { return carrier.isTyped ? nil : [] }
        guard !manifest.layers.isEmpty || !carrier.isTyped else { return nil }
        return manifest.layers.map { layer in
            let isSmall = layer.sizeBytes <= UInt64(layer.form.bytesMax)
            return Layer(
                carrier: carrier.version, digest: isSmall ? try? Digest(parsing: layer.digest) : nil,
                sizeBytes: layer.sizeBytes, signature: layer)
        }
    }

    /// - Returns: `nil` when it is not there or is another one: it may be a good one.
    func content(of layer: Layer) async throws(RegistryError) -> CarriedContent? {
        guard let digest = layer.digest else { return nil }
        let opened = try await throughStore { () async throws(StorageFault) in try await blobs.open(digest) }
        guard let bytes = opened?.contents(bytesMax: layer.signature.form.bytesMax),
            UInt64(bytes.count) == layer.sizeBytes, ArtifactManifests.hash(bytes, as: digest.algorithm) == digest
        else { return nil }
        switch layer.signature.form {
        case .bundle: return .bundle(bytes)
        case .simpleSigning: return .simple(payload: bytes, annotations: layer.signature.annotations)
        }
    }
}
