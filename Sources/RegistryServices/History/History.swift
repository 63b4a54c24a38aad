import OCI
public import RegistryCore
public import RegistryPorts
public import StrictJSON

/// What happened, and on what evidence.
public struct History: Sendable {
    /// An event as the log holds it.
    public struct Item: Sendable {
        public var index: UInt64
        /// The leaf's bytes.
        public var leaf: [UInt8]
        public var event: JSONValue
    }

    private let store: any MetadataReader
    private let directory: ArtifactDirectory

    public init(store: any MetadataReader, directory: ArtifactDirectory) {
        self.store = store
        self.directory = directory
    }

    /// Events of the version that the name points at, oldest first.
    public func events(
        of name: ArtifactName, from start: UInt64, limit: Int
    ) async throws(RegistryError) -> [Item] {
        let record = try await directory.record(named: name)
        return try items(
            try await throughStore { () async throws(StorageFault) in
                try await store.entries(of: record.key, from: start, limit: limit)
            })
    }

    /// Events of everything, oldest first.
    public func events(from start: UInt64, limit: Int) async throws(RegistryError) -> [Item] {
        try items(
            try await throughStore { () async throws(StorageFault) in try await store.entries(from: start, limit: limit)
            })
    }

    public func evidence(of name: ArtifactName) async throws(RegistryError) -> [EvidenceEntry] {
        let record = try await directory.record(named: name)
        return try await throughStore { () async throws(StorageFault) in try await store.evidence(of: record.key) }
    }

    /// One document, whose bytes hash to the digest under which the log cites it.
    ///
    /// - Throws: `.evidenceNotFound`; `.recordTampered` when the stored bytes are others.
    public func document(of name: ArtifactName, _ digest: String) async throws(RegistryError) -> [UInt8] {
        let entries = try await evidence(of: name)
        guard let entry = entries.first(where: { $0.digest.description == digest || $0.digest.hex == digest }) else {
            throw RegistryError(.evidenceNotFound, "\(name) has no evidence with this digest.")
        }
        let bytes = try await throughStore { () async throws(StorageFault) in
            try await store.evidenceDocument(entry.digest)
        }
        guard let bytes, let actual = try? Digest(hashing: bytes), actual == entry.digest else {
            throw RegistryError(.recordTampered, "The stored evidence is missing or altered.")
        }
        return bytes
    }

    private func items(_ entries: [LogEntry]) throws(RegistryError) -> [Item] {
        var items: [Item] = []
        items.reserveCapacity(entries.count)
        for entry in entries {
            do {
                items.append(
                    Item(
                        index: entry.index, leaf: entry.bytes, event: try StrictJSON.parse(entry.bytes, limits: .event))
                )
            } catch {
                throw RegistryError(.recordTampered, "Entry \(entry.index) of the log cannot be read.", cause: error)
            }
        }
        return items
    }
}
