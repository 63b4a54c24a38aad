public import OCI
public import RegistryCore
public import RegistryPorts
public import TransparencyLog

extension SQLiteMetadataStore {
    public func record(
        named name: ArtifactName, in tenant: Tenant
    ) async throws(StorageFault) -> SealedRecord? {
        try await read { tables throws(StorageFault) in try tables.record(named: name, in: tenant) }
    }

    public func record(_ key: ArtifactKey) async throws(StorageFault) -> SealedRecord? {
        try await read { tables throws(StorageFault) in try tables.record(key) }
    }

    public func listing(_ query: RecordQuery) async throws(StorageFault) -> [NamedRecord] {
        try await read { tables throws(StorageFault) in try tables.listing(query) }
    }

    public func counts() async throws(StorageFault) -> RecordCounts {
        try await read { tables throws(StorageFault) in try tables.counts() }
    }

    public func entries(
        of key: ArtifactKey, from start: UInt64, limit: Int
    ) async throws(StorageFault) -> [LogEntry] {
        try await read { tables throws(StorageFault) in try tables.entries(of: key, from: start, limit: limit) }
    }

    public func registryEntries(from start: UInt64, limit: Int) async throws(StorageFault) -> [LogEntry] {
        try await read { tables throws(StorageFault) in try tables.registryEntries(from: start, limit: limit) }
    }

    public func entries(from start: UInt64, limit: Int) async throws(StorageFault) -> [LogEntry] {
        try await read { tables throws(StorageFault) in try tables.entries(from: start, limit: limit) }
    }

    public func logHashes(
        level: Int, from index: UInt64, limit: Int
    ) async throws(StorageFault) -> [LogHash] {
        try await read { tables throws(StorageFault) in
            try tables.logHashes(level: level, from: index, limit: limit)
        }
    }

    public func newestEntries(after id: Int64, limit: Int) async throws(StorageFault) -> [NewestEntry] {
        try await read { tables throws(StorageFault) in try tables.newestEntries(after: id, limit: limit) }
    }

    public func evidence(of key: ArtifactKey) async throws(StorageFault) -> [EvidenceEntry] {
        try await read { tables throws(StorageFault) in
            guard let id = try tables.versionID(key) else { return [] }
            return try tables.evidence(version: id)
        }
    }

    public func evidenceDocument(_ digest: Digest) async throws(StorageFault) -> [UInt8]? {
        try await read { tables throws(StorageFault) in try tables.document(digest, .evidence) }
    }

    public func manifest(_ digest: Digest) async throws(StorageFault) -> [UInt8]? {
        try await read { tables throws(StorageFault) in try tables.document(digest, .manifest) }
    }

    public func inspection(_ key: InspectionKey) async throws(StorageFault) -> [UInt8]? {
        try await read { tables throws(StorageFault) in try tables.inspection(key) }
    }

    public func verification(of blob: Digest) async throws(StorageFault) -> SealedVerification? {
        try await read { tables throws(StorageFault) in try tables.verification(of: blob) }
    }

    public func uses(of blob: Digest) async throws(StorageFault) -> BlobUses {
        try await read { tables throws(StorageFault) in try tables.uses(of: blob) }
    }

    public func users(of blob: Digest, after id: Int64, limit: Int) async throws(StorageFault) -> [BlobUser] {
        try await read { tables throws(StorageFault) in try tables.users(of: blob, after: id, limit: limit) }
    }

    public func waivedRecords(after id: Int64, limit: Int) async throws(StorageFault) -> [ContentRecord] {
        try await read { tables throws(StorageFault) in try tables.waivedRecords(after: id, limit: limit) }
    }

    public func pendingViews(after id: Int64, limit: Int) async throws(StorageFault) -> [PendingView] {
        try await read { tables throws(StorageFault) in try tables.pendingViews(after: id, limit: limit) }
    }
}
