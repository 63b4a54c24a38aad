import RepositorySimulator
import TUF
import Testing

@Suite("Updating root")
struct RootUpdateTests {
    @Test("An update follows each root to the newest and then asks for the rest in order")
    func rotation() throws {
        var repository = try RepositorySimulator()
        for _ in 2...4 {
            repository.revise("root")
            try repository.publish("root")
        }
        var client = SimulatedClient(anchor: repository.anchor)
        let metadata = try client.update(from: repository)
        #expect(metadata.root.header.version == 4)
        #expect(
            client.requests == [
                "2.root.json", "3.root.json", "4.root.json", "5.root.json", "timestamp.json", "1.snapshot.json",
                "1.targets.json",
            ])
        #expect(Array(client.kept.keys).sorted() == ["2.root", "3.root", "4.root", "snapshot", "targets", "timestamp"])
    }

    @Test("All keys of root may change from one version to the next when both sides sign")
    func handover() throws {
        var repository = try RepositorySimulator()
        repository.revise("root") { role in
            role.signers = role.keys + [SimulatedKey(10), SimulatedKey(11)]
            role.keys = [SimulatedKey(10), SimulatedKey(11)]
            role.threshold = 2
        }
        try repository.publish("root")
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(try client.update(from: repository).root.header.version == 2)
    }

    @Test("A root that the trusted one has not signed is refused, and so is one that has not signed itself")
    func bothSidesSign() throws {
        for signers in [[SimulatedKey(10)], [SimulatedKey(1)]] {
            var repository = try RepositorySimulator()
            repository.revise("root") { role in
                role.keys = [SimulatedKey(10)]
                role.signers = signers
            }
            try repository.publish("root")
            var client = SimulatedClient(anchor: repository.anchor)
            #expect(throws: TUFRefusal(.root, .thresholdNotMet(valid: 0, threshold: 1))) {
                try client.update(from: repository)
            }
            #expect(client.kept.isEmpty)
        }
    }

    @Test("A root of another version than the next is refused, in both directions", arguments: [1, 3] as [UInt64])
    func versionMismatch(found: UInt64) throws {
        var repository = try RepositorySimulator()
        repository.revise("root") { $0.version = found }
        repository.files["2.root.json"] = try repository.signed("root")
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(throws: TUFRefusal(.root, .versionMismatch(expected: 2, found: found))) {
            try client.update(from: repository)
        }
    }

    @Test("An expired root is kept, and nothing is asked for after it")
    func expiredAtTheEnd() throws {
        var repository = try RepositorySimulator()
        repository.revise("root") { $0.expires = RepositorySimulator.start }
        try repository.publish("root")
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(
            throws: TUFRefusal(.root, .expired(at: RepositorySimulator.start, now: RepositorySimulator.start))
        ) { try client.update(from: repository) }
        #expect(client.kept["2.root"] != nil)
        #expect(client.requests == ["2.root.json", "3.root.json"])
    }

    @Test("A root between others may have expired")
    func expiredBetween() throws {
        var repository = try RepositorySimulator()
        repository.revise("root") { $0.expires = MetadataTime(clamping: 0) }
        try repository.publish("root")
        repository.revise("root") { $0.expires = RepositorySimulator.expiry }
        try repository.publish("root")
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(try client.update(from: repository).root.header.version == 3)
    }

    @Test("One update takes so many new roots and no more; the next goes on from there")
    func rotationsMax() throws {
        var repository = try RepositorySimulator()
        for _ in 2...6 {
            repository.revise("root")
            try repository.publish("root")
        }
        var client = SimulatedClient(anchor: repository.anchor)
        client.limits.rootRotationsMax = 3
        #expect(try client.update(from: repository).root.header.version == 4)
        #expect(try client.update(from: repository).root.header.version == 6)
    }

    @Test("An anchor that is not signed by its own keys is none")
    func anchorSigned() throws {
        var repository = try RepositorySimulator()
        repository.roles["root"]?.signers = [SimulatedKey(9)]
        let anchor = try repository.signed("root")
        #expect(throws: TUFRefusal(.root, .thresholdNotMet(valid: 0, threshold: 1))) {
            try RootUpdate(trusting: anchor)
        }
    }

    @Test("Kept roots are verified from the anchor on: a root that somebody slipped in leads nowhere")
    func keptRootsAreVerified() throws {
        var repository = try RepositorySimulator()
        repository.revise("root")
        try repository.publish("root")
        var forged = repository
        forged.rotate("root", to: [SimulatedKey(66)])
        var client = SimulatedClient(anchor: repository.anchor)
        client.kept["2.root"] = try forged.signed("root")
        #expect(try client.update(from: repository).root.header.version == 2)
        #expect(client.requests.first == "2.root.json")
        #expect(client.kept["2.root"] == repository.files["2.root.json"])
    }
}
