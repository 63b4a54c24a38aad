import OCI
import RegistryCore
import RegistryPorts
import TransparencyLog

/// The walk along the log: entries, hashes, head and checkpoint, and the versions that the entries speak of.
struct FsckLog {
    let fsck: Fsck
    /// The newest checkpoint that carries our signature.
    let signed: Checkpoint?
    /// Names whose views still have to follow.
    let pending: Set<ArtifactName>
    private var frontier = TreeFrontier()
    private var newest: [ArtifactKey: UInt64] = [:]
    private var sum = NewestSum()
    /// What the entries say of repositories.
    private(set) var repositories = FsckRepositories()

    init(fsck: Fsck, signed: Checkpoint?, pending: Set<ArtifactName>) {
        self.fsck = fsck
        self.signed = signed
        self.pending = pending
    }

    mutating func run(_ report: inout FsckReport) async throws(RegistryError) {
        let store = fsck.store
        let head = try await fsck.readable("head", .logHeadWrong, &report) { () async throws(StorageFault) in
            try await store.logHead()
        }
        while frontier.size < head?.size ?? .max, try await walkPage(&report) {}
        report.entries = frontier.size
        if let head, frontier.size != head.size || frontier.root != head.frontier.root {
            report.add(.logHeadWrong, head.size, "the log's head is not that of its \(frontier.size) entries")
        }
        if let head, fsck.sealer.open(head) != sum {
            report.add(.logHeadWrong, head.size, "the log's head does not carry the registry's seal")
        }
        if let signed, signed.size > frontier.size {
            report.add(
                .logRewritten, frontier.size,
                "\(signed.size) entries were signed: the log was cut off or rolled back")
        }
    }

    /// - Returns: whether there may be more.
    private mutating func walkPage(_ report: inout FsckReport) async throws(RegistryError) -> Bool {
        let (store, start) = (fsck.store, frontier.size)
        let page = try await fsck.readable("\(start)", .logEntryUnreadable, &report) { () async throws(StorageFault) in
            try await store.entries(from: start, limit: Fsck.pageSize)
        }
        let hashes = try await fsck.readable("\(start)", .logHashWrong, &report) { () async throws(StorageFault) in
            try await store.logHashes(level: 0, from: start, limit: Fsck.pageSize)
        }
        guard let page, !page.isEmpty else { return false }
        var acquired: [(key: ArtifactKey, name: ArtifactName)] = []
        for (offset, entry) in page.enumerated() {
            guard entry.index == frontier.size else {
                report.add(.logEntryUnreadable, frontier.size, "the entry is missing")
                return false
            }
            let stored = frontier.append(MerkleHashing.leaf(entry.bytes))
            if let hashes, offset >= hashes.count || hashes[offset] != stored[0].hash {
                report.add(.logHashWrong, entry.index, "the stored hash is not that of the entry")
            }
            try await checkTiles(stored.dropFirst(), &report)
            if let signed, frontier.size == signed.size, frontier.root != signed.root {
                report.add(.logRewritten, entry.index, "entries up to here are not the ones that were signed")
            }
            if let version = check(entry, &report) { acquired.append(version) }
        }
        report.versions += UInt64(acquired.count)
        let (fsck, pending) = (fsck, pending)
        report.add(
            try await fsck.checkEach(acquired) { version throws(RegistryError) in
                var check = FsckVersion(fsck: fsck, key: version.key, name: version.name, pending: pending)
                try await check.run()
                return check.problems
            })
        return page.count == Fsck.pageSize
    }

    /// Hashes of finished tiles stand in the level above; clients build proofs from them.
    private func checkTiles(
        _ tiles: ArraySlice<StoredHash>, _ report: inout FsckReport
    ) async throws(RegistryError) {
        for tile in tiles {
            let hash = try await throughStore { () async throws(StorageFault) in
                try await fsck.store.logHashes(level: tile.level, from: tile.index, limit: 1)
            }.first
            if hash != tile.hash {
                report.add(
                    .logHashWrong, "\(tile.level)/\(tile.index)", "the stored hash is not that of the tile beneath it")
            }
        }
    }

    /// - Returns: the version that the entry acquires first.
    private mutating func check(
        _ entry: LogEntry, _ report: inout FsckReport
    ) -> (key: ArtifactKey, name: ArtifactName)? {
        let event: RegistryEvent
        do { event = try RegistryEvent(decoding: entry.bytes, index: entry.index) } catch {
            report.add(.logEntryUnreadable, entry.index, "the entry is no event: \(error)")
            return nil
        }
        if entry.key != event.key || entry.place != event.place {
            report.add(.entryMisfiled, entry.index, "the entry is not filed under what it speaks of")
        }
        guard case .artifact(let key, let name) = event.subject else {
            repositories.follow(event)
            return nil
        }
        sum.replace(newest[key], with: entry.index, of: key, fsck.sealer)
        let isFirst = newest.updateValue(entry.index, forKey: key) == nil
        guard isFirst, case .acquired = event.body else { return nil }
        repositories.follow(first: event)
        return (key, name)
    }
}
