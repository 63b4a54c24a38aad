import RepositorySimulator
import StrictJSON
import TUF
import Testing

@Suite("Updating snapshot")
struct SnapshotUpdateTests {
    @Test("A snapshot with another hash than the timestamp's is refused (mix and match)")
    func hashMismatch() throws {
        var repository = try RepositorySimulator()
        let bytes = try #require(repository.files["1.snapshot.json"])
        // White space is not signed, but it is hashed.
        repository.files["1.snapshot.json"] = bytes.dropLast() + [0x20]
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(throws: TUFRefusal(.snapshot, .hashMismatch)) { try client.update(from: repository) }
        repository.files["1.snapshot.json"] = bytes + [0x20]
        #expect(throws: TUFRefusal(.snapshot, .lengthMismatch)) { try client.update(from: repository) }
        #expect(client.kept["timestamp"] != nil)
        #expect(client.kept["snapshot"] == nil)
    }

    @Test("A snapshot of another version than the timestamp's is refused")
    func versionMismatch() throws {
        var repository = try RepositorySimulator()
        repository.hasHashes = false
        try repository.publishRevision()
        repository.files["2.snapshot.json"] = repository.files["1.snapshot.json"]
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(throws: TUFRefusal(.snapshot, .versionMismatch(expected: 2, found: 1))) {
            try client.update(from: repository)
        }
    }

    @Test("A snapshot that lists an older version than the trusted one is refused", arguments: [true, false])
    func targetsRollback(hasHashes: Bool) throws {
        var repository = try RepositorySimulator()
        repository.hasHashes = hasHashes
        try repository.publishRevision()
        let old = repository.snapshotEntries
        try repository.publishRevision(of: "targets")
        var client = SimulatedClient(anchor: repository.anchor)
        _ = try client.update(from: repository)
        repository.snapshotEntries = old
        try repository.publishRevision()
        #expect(throws: TUFRefusal(.snapshot, .rollback(of: .targets, trusted: 2, found: 1))) {
            try client.update(from: repository)
        }
    }

    @Test("A snapshot that lists a role no more is refused, and a kept one that has expired still says so")
    func roleRemoved() throws {
        var repository = try RepositorySimulator()
        repository.delegate(from: "targets", SimulatedDelegation("extra", keys: [SimulatedKey(40)]))
        repository.revise("targets")
        repository.revise("snapshot") { $0.expires = MetadataTime(clamping: 1_800_000_060) }
        repository.revise("timestamp")
        try repository.publish("extra", "targets", "snapshot", "timestamp")
        var client = SimulatedClient(anchor: repository.anchor)
        _ = try client.update(from: repository)
        repository.snapshotEntries.removeAll { $0.name == "extra.json" }
        repository.roles["snapshot"]?.expires = RepositorySimulator.expiry
        try repository.publishRevision()
        let later = MetadataTime(clamping: 1_800_000_120)
        let extra = try #require(RoleName(delegated: "extra"))
        #expect(throws: TUFRefusal(.snapshot, .roleRemoved(extra))) { try client.update(from: repository, at: later) }
    }

    @Test("After new keys of snapshot, targets may go back and roles disappear (fast-forward)")
    func fastForward() throws {
        var repository = try RepositorySimulator()
        repository.roles["targets"]?.version = 99
        try repository.publishRevision(of: "targets")
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(try client.update(from: repository).targets.header.version == 100)
        repository.roles["targets"]?.version = 1
        repository.rotate("snapshot", to: [SimulatedKey(50)])
        repository.revise("root")
        try repository.publishRevision(of: "targets")
        try repository.publish("root")
        #expect(try client.update(from: repository).targets.header.version == 2)
    }

    @Test("An expired snapshot is neither used nor kept")
    func expired() throws {
        var repository = try RepositorySimulator()
        repository.roles["snapshot"]?.expires = RepositorySimulator.start
        try repository.publishRevision()
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(
            throws: TUFRefusal(.snapshot, .expired(at: RepositorySimulator.start, now: RepositorySimulator.start))
        ) { try client.update(from: repository) }
        #expect(client.kept["snapshot"] == nil)
    }

    @Test("A kept snapshot that is the one of the timestamp is not asked for again")
    func kept() throws {
        var repository = try RepositorySimulator()
        var client = SimulatedClient(anchor: repository.anchor)
        _ = try client.update(from: repository)
        repository.revise("timestamp")
        try repository.publish("timestamp")
        client.forgetRequests()
        #expect(try client.update(from: repository).timestamp.header.version == 2)
        #expect(client.requests == ["2.root.json", "timestamp.json"])
    }

    @Test("A kept snapshot that was changed is asked for again")
    func damaged() throws {
        let repository = try RepositorySimulator()
        var client = SimulatedClient(anchor: repository.anchor)
        _ = try client.update(from: repository)
        client.kept["snapshot"]? += [0x20]
        client.forgetRequests()
        _ = try client.update(from: repository)
        #expect(client.requests == ["2.root.json", "timestamp.json", "1.snapshot.json"])
    }

    @Test("A repository without consistent snapshots has files without versions in their names")
    func plainNames() throws {
        var repository = try RepositorySimulator()
        repository.hasConsistentSnapshots = false
        repository.revise("root")
        try repository.publish("root")
        var client = SimulatedClient(anchor: repository.anchor)
        _ = try client.update(from: repository)
        #expect(client.requests.suffix(3) == ["timestamp.json", "snapshot.json", "targets.json"])
    }
}
