import RepositorySimulator
import StrictJSON
import TUF
import Testing

@Suite("Reading metadata")
struct MetadataReadingTests {
    private func refusal(_ role: String, with members: [(String, JSONValue)]) throws -> TUFRefusal? {
        var repository = try RepositorySimulator()
        repository.roles[role]?.others = members
        if role == "root" {
            repository.revise("root")
            try repository.publish("root")
        } else {
            try repository.publish(role)
            try repository.publishRevision(of: "targets")
        }
        var client = SimulatedClient(anchor: repository.anchor)
        do throws(TUFRefusal) {
            _ = try client.update(from: repository)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "Signed metadata that is not what the specification says is refused for that",
        arguments: [
            ("root", "_type", "targets"), ("root", "spec_version", "2.0"), ("root", "spec_version", "1"),
            ("root", "version", 0), ("root", "version", -1), ("root", "version", "2"),
            ("root", "expires", "tomorrow"), ("root", "keys", []), ("root", "roles", [:]),
            ("root", "consistent_snapshot", 1), ("timestamp", "meta", [:]),
            ("timestamp", "meta", ["snapshot.json": ["version": 0]]),
            ("timestamp", "meta", ["snapshot.json": ["version": 1, "length": -1]]),
            ("timestamp", "meta", ["snapshot.json": ["version": 1, "hashes": ["sha256": "00"]]]),
            ("snapshot", "meta", ["targets": ["version": 1]]), ("snapshot", "meta", [".json": ["version": 1]]),
            ("snapshot", "meta", ["targets.json": 1]), ("targets", "targets", []),
            ("targets", "targets", ["x": ["length": 1]]), ("targets", "targets", ["x": ["hashes": [:]]]),
            ("targets", "delegations", ["keys": [:], "roles": [[:]]]),
            ("targets", "delegations", ["keys": [:]]),
            (
                "targets", "delegations",
                ["keys": [:], "roles": [["name": "a", "keyids": ["k"], "threshold": 1, "terminating": false]]]
            ),
            (
                "targets", "delegations",
                ["keys": [:], "roles": [["name": "a", "keyids": [], "threshold": 0, "terminating": false]]]
            ),
            (
                "targets", "delegations",
                [
                    "keys": [:],
                    "roles": [
                        [
                            "name": "a", "keyids": [], "threshold": 1, "terminating": false, "paths": [],
                            "path_hash_prefixes": [],
                        ]
                    ],
                ]
            ), ("targets", "delegations", ["keys": [:], "roles": [], "succinct_roles": [:]]),
        ] as [(String, String, JSONValue)])
    func invalid(role: String, member: String, value: JSONValue) throws {
        let refusal = try #require(try refusal(role, with: [(member, value)]))
        #expect(["tuf_malformed", "tuf_unsupported"].contains(refusal.code))
        #expect(refusal.role.description == role)
    }

    @Test("Null stands for members that need not be there")
    func null() throws {
        #expect(try refusal("targets", with: [("delegations", .null)]) == nil)
        #expect(try refusal("root", with: [("consistent_snapshot", .null)])?.code == nil)
    }

    @Test(
        "Bytes that are no JSON, or JSON that two readers understand differently, are refused",
        arguments: [
            "", "{", "[]", "null", #"{"signatures":[]}"#, #"{"signatures":[],"signed":[]}"#,
            #"{"signatures":{},"signed":{}}"#, #"{"signatures":[{"keyid":"a"}],"signed":{}}"#,
            #"{"signatures":[],"signed":{},"signed":{}}"#, #"{"signatures":[],"signed":{"a":1.5}}"#,
            #"{"signatures":[],"signed":{}} x"#,
        ])
    func unreadable(text: String) throws {
        var repository = try RepositorySimulator()
        repository.files["timestamp.json"] = Array(text.utf8)
        var client = SimulatedClient(anchor: repository.anchor)
        let refusal = #expect(throws: TUFRefusal.self) { try client.update(from: repository) }
        #expect(["tuf_malformed", "tuf_threshold_not_met"].contains(refusal?.code))
        #expect(throws: TUFRefusal.self) { try RootUpdate(trusting: Array(text.utf8)) }
    }

    @Test("Nesting without end is refused, not followed")
    func nesting() throws {
        let text = String(repeating: "[", count: 100_000)
        let refusal = #expect(throws: TUFRefusal.self) { try RootUpdate(trusting: Array(text.utf8)) }
        #expect(refusal?.code == "tuf_malformed")
    }

    @Test("Every reason has a code of its own and says what is wrong")
    func codes() {
        let reasons: [TUFRefusal.Reason] = [
            .malformed("a"), .unsupported("a"), .tooLarge(bytesMax: 1), .duplicateSignature,
            .thresholdNotMet(valid: 0, threshold: 1), .versionMismatch(expected: 1, found: 2),
            .rollback(of: .root, trusted: 2, found: 1), .roleRemoved(.targets), .lengthMismatch, .hashMismatch,
            .noKnownHash, .expired(at: RepositorySimulator.start, now: RepositorySimulator.expiry), .notListed, .absent,
            .tooManyDelegations, .targetAbsent("x"), .targetUnknown("x"),
        ]
        let refusals = reasons.map { TUFRefusal(.snapshot, $0) }
        #expect(Set(refusals.map(\.code)).count == reasons.count)
        #expect(Set(refusals.map(\.description)).count == reasons.count)
        #expect(refusals.allSatisfy { $0.code.hasPrefix("tuf_") })
    }
}
