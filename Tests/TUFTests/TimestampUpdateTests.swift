import RepositorySimulator
import StrictJSON
import TUF
import Testing

@Suite("Updating timestamp")
struct TimestampUpdateTests {
    @Test("A timestamp older than the trusted one is refused, and the trusted one stays")
    func rollback() throws {
        var repository = try RepositorySimulator()
        let old = repository.files["timestamp.json"]
        repository.revise("timestamp")
        try repository.publish("timestamp")
        var client = SimulatedClient(anchor: repository.anchor)
        _ = try client.update(from: repository)
        let kept = client.kept["timestamp"]
        repository.files["timestamp.json"] = old
        #expect(throws: TUFRefusal(.timestamp, .rollback(of: .timestamp, trusted: 2, found: 1))) {
            try client.update(from: repository)
        }
        #expect(client.kept["timestamp"] == kept)
    }

    @Test("A newer timestamp that leads to an older snapshot is refused")
    func snapshotRollback() throws {
        var repository = try RepositorySimulator()
        let old = repository.timestampEntry
        try repository.publishRevision()
        var client = SimulatedClient(anchor: repository.anchor)
        _ = try client.update(from: repository)
        repository.timestampEntry = old
        repository.revise("timestamp")
        try repository.publish("timestamp")
        #expect(throws: TUFRefusal(.timestamp, .rollback(of: .snapshot, trusted: 2, found: 1))) {
            try client.update(from: repository)
        }
    }

    @Test("Another timestamp of the trusted version is put aside, whatever it says")
    func sameVersion() throws {
        var repository = try RepositorySimulator()
        var client = SimulatedClient(anchor: repository.anchor)
        _ = try client.update(from: repository)
        let kept = client.kept
        repository.timestampEntry = ["version": 100]
        try repository.publish("timestamp")
        client.forgetRequests()
        #expect(try client.update(from: repository).timestamp.snapshot.version == 1)
        #expect(client.kept == kept)
        #expect(client.requests == ["2.root.json", "timestamp.json"])
    }

    @Test("An expired timestamp is neither used nor kept")
    func expired() throws {
        var repository = try RepositorySimulator()
        var client = SimulatedClient(anchor: repository.anchor)
        _ = try client.update(from: repository)
        let kept = client.kept
        repository.revise("timestamp") { $0.expires = RepositorySimulator.start }
        try repository.publish("timestamp")
        #expect(
            throws: TUFRefusal(.timestamp, .expired(at: RepositorySimulator.start, now: RepositorySimulator.start))
        ) { try client.update(from: repository) }
        #expect(client.kept == kept)
    }

    @Test("A repository that stays at one timestamp is used until it expires, and not after (freeze)")
    func freeze() throws {
        let repository = try RepositorySimulator()
        var client = SimulatedClient(anchor: repository.anchor)
        let last = MetadataTime(clamping: RepositorySimulator.expiry.secondsSince1970 - 1)
        _ = try client.update(from: repository, at: last)
        #expect(throws: TUFRefusal(.root, .expired(at: RepositorySimulator.expiry, now: RepositorySimulator.expiry))) {
            try client.update(from: repository, at: RepositorySimulator.expiry)
        }
    }

    @Test("After new keys the versions of the old ones count no more (fast-forward)")
    func fastForward() throws {
        var repository = try RepositorySimulator()
        repository.revise("timestamp") { $0.version = 1_000 }
        try repository.publish("timestamp")
        var client = SimulatedClient(anchor: repository.anchor)
        _ = try client.update(from: repository)
        repository.rotate("timestamp", to: [SimulatedKey(30)])
        repository.revise("timestamp") { $0.version = 2 }
        repository.revise("root")
        try repository.publish("timestamp", "root")
        #expect(try client.update(from: repository).timestamp.header.version == 2)
    }

    @Test("A snapshot that would do as a timestamp is none")
    func wrongType() throws {
        var repository = try RepositorySimulator()
        repository.revise("timestamp")
        repository.roles["snapshot"]?.signers += [SimulatedKey(2)]
        repository.snapshotEntries = [("snapshot.json", ["version": 1])]
        repository.files["timestamp.json"] = try repository.signed("snapshot")
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(throws: TUFRefusal(.timestamp, .malformed("its type is not timestamp"))) {
            try client.update(from: repository)
        }
    }

    @Test("A timestamp without end is refused at its limit")
    func endless() throws {
        var repository = try RepositorySimulator()
        repository.files["timestamp.json"]? += [UInt8](repeating: 0x20, count: 16_384)
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(throws: TUFRefusal(.timestamp, .tooLarge(bytesMax: 16_384))) { try client.update(from: repository) }
    }
}
