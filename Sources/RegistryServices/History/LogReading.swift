public import RegistryCore
public import RegistryPorts
public import TransparencyLog

/// Reads the log as C2SP tlog-tiles serves it.
public struct LogReading: Sendable {
    private let store: any MetadataReader

    public init(store: any MetadataReader) {
        self.store = store
    }

    /// The hashes of one tile, at most 256.
    ///
    /// - Returns: `nil` when the tree does not have all of them yet.
    public func tile(level: Int, index: UInt64, width: Int) async throws(RegistryError) -> [LogHash]? {
        let (first, overflow) = index.multipliedReportingOverflow(by: UInt64(Tile.widthMax))
        guard !overflow, (1...Tile.widthMax).contains(width) else { return nil }
        let hashes = try await throughStore { () async throws(StorageFault) in
            try await store.logHashes(level: level, from: first, limit: width)
        }
        return hashes.count == width ? hashes : nil
    }

    /// Consecutive entries; `nil` when the log does not have all of them yet.
    public func entries(bundle index: UInt64, width: Int) async throws(RegistryError) -> [[UInt8]]? {
        let (first, overflow) = index.multipliedReportingOverflow(by: UInt64(Tile.widthMax))
        guard !overflow, (1...Tile.widthMax).contains(width) else { return nil }
        let entries = try await throughStore { () async throws(StorageFault) in
            try await store.entries(from: first, limit: width)
        }
        return entries.count == width ? entries.map(\.bytes) : nil
    }

    /// The root of the first `size` leaves.
    func root(at size: UInt64) async throws(RegistryError) -> LogHash {
        let head = try await throughStore { () async throws(StorageFault) in try await store.logHead() }
        if head.size == size { return head.frontier.root }
        var frontier = TreeFrontier()
        // From the stored leaf hashes, page by page: a start after an unclean stop has at most a second of them to
        // add, and this is only reached then.
        var next: UInt64 = 0
        while next < size {
            let limit = Int(min(size - next, 4_096))
            let first = next
            let hashes = try await throughStore { () async throws(StorageFault) in
                try await store.logHashes(level: 0, from: first, limit: limit)
            }
            guard hashes.count == limit else {
                throw RegistryError(.recordTampered, "The log has lost hashes of leaf \(next) and on.")
            }
            for hash in hashes { _ = frontier.append(hash) }
            next += UInt64(limit)
        }
        return frontier.root
    }
}
