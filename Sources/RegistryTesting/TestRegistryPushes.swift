public import OCI
public import RegistryCore
import RegistryPorts
public import RegistryServices

/// What clients of the OCI door do to a registry.
extension TestRegistry {
    /// A layer of a manifest that is pushed.
    public struct Layer: Sendable {
        public var bytes: [UInt8]
        public var title: String?
        public var mediaType: MediaType

        public init(_ bytes: [UInt8], title: String? = nil, mediaType: MediaType = ModelPack.layer(.weight)) {
            self.bytes = bytes
            self.title = title
            self.mediaType = mediaType
        }
    }

    public static func repository(_ name: String) throws -> RepositoryKey {
        RepositoryKey(name: try RepositoryName(parsing: name))
    }

    /// Somebody with the credential of this name.
    public static func credential(_ name: String) throws -> Caller {
        Caller(actor: .principal(try PrincipalName(parsing: name)), requestID: "test")
    }

    public static func tag(_ text: String) throws -> Tag {
        guard let tag = Tag(parsing: text) else { throw TestFailure("no tag: \(text)") }
        return tag
    }

    /// Keeps bytes as those of a blob that was uploaded.
    @discardableResult
    public func receive(
        _ bytes: [UInt8], in repository: String, as algorithm: Digest.Algorithm = .sha256
    ) async throws -> Digest {
        let digest = try Digest(algorithm, hashing: bytes)
        let lease = BlobLease(intake.leases)
        defer { lease.release() }
        await lease.hold(digest)
        _ = try await world.blobs.keep(bytes, as: digest)
        let key = try Self.repository(repository)
        try await ledger.write(Self.caller) { entry in try entry.putReceived(digest, in: key) }
        return digest
    }

    /// The bytes of a manifest whose blobs were received.
    public func manifest(
        _ layers: [Layer], in repository: String, subject: Descriptor? = nil,
        artifactType: MediaType? = ModelPack.artifactType, annotations: [String: String] = [:]
    ) async throws -> [UInt8] {
        try await receive(Array("{}".utf8), in: repository)
        var descriptors: [Descriptor] = []
        for layer in layers {
            descriptors.append(
                Descriptor(
                    mediaType: layer.mediaType, digest: try await receive(layer.bytes, in: repository),
                    size: UInt64(layer.bytes.count),
                    annotations: layer.title.map { [ImageAnnotation.title: $0] } ?? [:]))
        }
        return Manifest(
            artifactType: artifactType, config: .empty, layers: descriptors, subject: subject, annotations: annotations
        ).encoded()
    }

    @discardableResult
    public func publish(
        _ bytes: [UInt8], in repository: String, tags: [String] = [], digest: Digest? = nil,
        mediaType: MediaType? = nil, by caller: Caller = caller
    ) async throws -> PublishedManifest {
        try await distribution.publishing.publish(
            ManifestOrder(
                repository: try Self.repository(repository), digest: digest, tags: tags.compactMap { Tag(parsing: $0) },
                mediaType: mediaType, bytes: bytes),
            caller)
    }

    /// Pushes again for as long as blobs are taken away before the manifest names them, as clients do.
    public func pushUntilTaken(
        _ layers: [Layer], to repository: String, tags: [String] = []
    ) async throws -> Digest {
        for _ in 0..<1_000 {
            let bytes = try await manifest(layers, in: repository)
            do {
                return try await publish(bytes, in: repository, tags: tags).version
            } catch let error as RegistryError {
                guard error.code == .manifestBlobUnknown else { throw error }
            }
        }
        throw TestFailure("blobs are taken away again and again")
    }

    /// Pushes a manifest of one model file.
    @discardableResult
    public func push(
        _ model: [UInt8], as title: String = "model.gguf", to repository: String, tags: [String] = [],
        by caller: Caller = caller
    ) async throws -> PublishedManifest {
        try await publish(
            try await manifest([Layer(model, title: title)], in: repository), in: repository, tags: tags, by: caller)
    }

    /// The artifact that `name:tag` or `repository@digest` means.
    public func name(_ text: String) async throws -> String {
        try await distribution.references.name(of: text).description
    }

    public func pull(
        _ reference: String, from repository: String, _ right: PullRight = .gate
    ) async throws -> PulledManifest {
        guard let reference = Reference(parsing: reference) else { throw TestFailure("no reference: \(reference)") }
        return try await distribution.repositories.manifest(
            reference, in: try Self.repository(repository), right)
    }
}
