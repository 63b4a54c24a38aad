import RepositorySimulator
import TUF
import Testing

@Suite("Updating targets")
struct TargetsUpdateTests {
    @Test("Targets of another hash than the snapshot's are refused, and what came before stays")
    func hashMismatch() throws {
        var repository = try RepositorySimulator()
        let bytes = try #require(repository.files["1.targets.json"])
        repository.files["1.targets.json"] = bytes.dropLast() + [0x20]
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(throws: TUFRefusal(.targets, .hashMismatch)) { try client.update(from: repository) }
        #expect(Set(client.kept.keys) == ["timestamp", "snapshot"])
    }

    @Test("Targets of another version than the snapshot's are refused")
    func versionMismatch() throws {
        var repository = try RepositorySimulator()
        repository.hasHashes = false
        try repository.publishRevision(of: "targets")
        repository.files["2.targets.json"] = repository.files["1.targets.json"]
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(throws: TUFRefusal(.targets, .versionMismatch(expected: 2, found: 1))) {
            try client.update(from: repository)
        }
    }

    @Test("Expired targets are neither used nor kept")
    func expired() throws {
        var repository = try RepositorySimulator()
        repository.roles["targets"]?.expires = RepositorySimulator.start
        try repository.publishRevision(of: "targets")
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(
            throws: TUFRefusal(.targets, .expired(at: RepositorySimulator.start, now: RepositorySimulator.start))
        ) { try client.update(from: repository) }
        #expect(client.kept["targets"] == nil)
    }

    @Test("A snapshot that does not list targets is of no use")
    func notListed() throws {
        var repository = try RepositorySimulator()
        repository.snapshotEntries = []
        try repository.publishRevision()
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(throws: TUFRefusal(.targets, .notListed)) { try client.update(from: repository) }
    }

    @Test("Files that the repository lacks are missing, and never taken from before")
    func absent() throws {
        var repository = try RepositorySimulator()
        var client = SimulatedClient(anchor: repository.anchor)
        _ = try client.update(from: repository)
        try repository.publishRevision(of: "targets")
        repository.files["2.targets.json"] = nil
        #expect(throws: TUFRefusal(.targets, .absent)) { try client.update(from: repository) }
        repository.files["2.snapshot.json"] = nil
        client.kept["snapshot"] = nil
        #expect(throws: TUFRefusal(.snapshot, .absent)) { try client.update(from: repository) }
    }

    @Test("What was trusted is refused once the first of its roles has expired, whatever the clock says later")
    func usedAfterwards() throws {
        var repository = try RepositorySimulator()
        let end = MetadataTime(clamping: 1_800_000_300)
        repository.roles["timestamp"]?.expires = end
        try repository.publishRevision()
        var client = SimulatedClient(anchor: repository.anchor)
        let metadata = try client.update(from: repository, at: MetadataTime(clamping: 1_800_000_299))
        try metadata.requireUnexpired(at: MetadataTime(clamping: 1_800_000_299))
        try metadata.requireUnexpired(at: RepositorySimulator.start)
        #expect(throws: TUFRefusal(.timestamp, .expired(at: end, now: end))) { try metadata.requireUnexpired(at: end) }
    }
}
