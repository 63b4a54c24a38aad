import OCI
public import RegistryCore
import RegistryPorts
public import RegistryServices
public import StrictJSON

/// What people do to a registry, in a line each.
extension TestRegistry {
    /// Takes bytes in as a file that was uploaded.
    @discardableResult
    public func acquire(
        _ name: String, _ bytes: [UInt8], filename: String = "model.gguf", source: String? = nil
    ) async throws -> ArtifactRecord {
        let order = IntakeOrder(
            name: try ArtifactName(parsing: name),
            bytes: .received(MemoryFile(bytes), filename: try RelativePath(parsing: filename)),
            sha256: try Digest(hashing: bytes), sizeBytes: UInt64(bytes.count), source: source)
        return try await intake.acquire(order, Self.caller).record
    }

    @discardableResult
    public func promote(
        _ name: String, claims: JSONValue? = nil, expectedHead: UInt64? = nil
    ) async throws -> ArtifactRecord {
        try await promotion.promote(
            PromotionOrder(name: try ArtifactName(parsing: name), claims: claims, expectedHead: expectedHead),
            Self.caller)
    }

    /// Takes bytes in and has them admitted.
    @discardableResult
    public func trust(_ name: String, _ bytes: [UInt8]) async throws -> ArtifactRecord {
        try await acquire(name, bytes)
        return try await promote(name)
    }

    @discardableResult
    public func revoke(_ name: String, reason: String? = nil) async throws -> ArtifactRecord {
        try await withdrawal.withdraw(try ArtifactName(parsing: name), .revoke, reason: reason, Self.caller).record
    }

    @discardableResult
    public func delete(_ name: String, reason: String? = nil) async throws -> ArtifactRecord {
        try await withdrawal.withdraw(try ArtifactName(parsing: name), .delete, reason: reason, Self.caller).record
    }

    @discardableResult
    public func quarantine(_ name: String, reason: String? = nil) async throws -> ArtifactRecord {
        try await quarantine.quarantine(try ArtifactName(parsing: name), reason: reason, Self.caller).record
    }

    public func record(_ name: String) async throws -> ArtifactRecord {
        try await directory.record(named: try ArtifactName(parsing: name))
    }

    /// The events of the version that a name points at, by kind.
    public func events(of name: String) async throws -> [RegistryEvent.Body.Kind] {
        let key = try await record(name).key
        return try await store.entries(of: key, from: 0, limit: .max).map { entry in
            try RegistryEvent(decoding: entry.bytes, index: entry.index).body.kind
        }
    }

    /// Everything that happened, oldest first.
    public func log() async throws -> [RegistryEvent] {
        try await store.entries(from: 0, limit: .max).map { entry in
            try RegistryEvent(decoding: entry.bytes, index: entry.index)
        }
    }

    public func fsck(deep: Bool) async throws -> FsckReport {
        // Nothing that is in memory is believed.
        try await Fsck(
            store: store, blobs: world.blobs, views: world.views, manifests: ArtifactManifests(store: store),
            sealer: world.sealer, publisher: publisher, isDeep: deep
        ).run()
    }

    /// What a runtime is told when it asks where an artifact is.
    public func path(_ name: String) async throws -> String {
        try await runtimePaths.path(of: try ArtifactName(parsing: name)).path
    }
}
