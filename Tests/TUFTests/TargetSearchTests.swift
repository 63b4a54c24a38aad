import RepositorySimulator
import TUF
import Testing

@Suite("Searching targets")
struct TargetSearchTests {
    private struct Setting {
        var repository: RepositorySimulator
        var client: SimulatedClient

        /// - Parameter delegations: who delegates to whom.
        init(_ delegations: [(String, SimulatedDelegation)], targets: [(String, String)] = []) throws {
            repository = try RepositorySimulator()
            for (delegator, delegation) in delegations { repository.delegate(from: delegator, delegation) }
            for (role, path) in targets {
                repository.roles[role]?.targets.append((path, Array("content of \(role)".utf8)))
            }
            repository.revise("targets")
            for name in repository.roles.keys.sorted() where !["root", "snapshot", "timestamp"].contains(name) {
                try repository.publish(name)
            }
            try repository.publishRevision()
            client = SimulatedClient(anchor: repository.anchor)
        }

        /// - Returns: who describes the target, and which roles were asked for on the way.
        mutating func search(_ path: String) throws(TUFRefusal) -> (role: RoleName, visited: [String]) {
            let metadata = try client.update(from: repository)
            client.forgetRequests()
            return (try client.find(path, in: metadata, from: repository).role, client.requests)
        }

        mutating func refusal(_ path: String) -> TUFRefusal? {
            do throws(TUFRefusal) {
                _ = try search(path)
                return nil
            } catch {
                return error
            }
        }
    }

    private static func delegation(
        _ role: String, _ number: UInt8, paths: [String] = ["*"], isTerminating: Bool = false
    ) -> SimulatedDelegation {
        var delegation = SimulatedDelegation(role, keys: [SimulatedKey(number)], paths: paths)
        delegation.isTerminating = isTerminating
        return delegation
    }

    @Test("Roles are asked depth first, in the order of their delegations")
    func preOrder() throws {
        var setting = try Setting([
            ("targets", Self.delegation("A", 40)), ("targets", Self.delegation("B", 41)),
            ("A", Self.delegation("C", 42)), ("A", Self.delegation("D", 43)),
        ])
        #expect(setting.refusal("x") == TUFRefusal(.targets, .targetUnknown("x")))
        #expect(setting.client.requests == ["1.A.json", "1.C.json", "1.D.json", "1.B.json"])
    }

    @Test("The first role that describes a target ends the search")
    func first() throws {
        var setting = try Setting(
            [("targets", Self.delegation("A", 40)), ("targets", Self.delegation("B", 41))],
            targets: [("A", "x"), ("B", "x")])
        let found = try setting.search("x")
        #expect(found.role.description == "A")
        #expect(found.visited == ["1.A.json"])
    }

    @Test("After a terminating delegation nobody else is asked, neither beside it nor above")
    func terminating() throws {
        var setting = try Setting(
            [
                ("targets", Self.delegation("A", 40)), ("targets", Self.delegation("B", 41)),
                ("A", Self.delegation("C", 42, isTerminating: true)), ("A", Self.delegation("D", 43)),
                ("C", Self.delegation("E", 44)),
            ], targets: [("B", "x"), ("D", "x")])
        #expect(setting.refusal("x") == TUFRefusal(.targets, .targetUnknown("x")))
        #expect(setting.client.requests == ["1.A.json", "1.C.json", "1.E.json"])
    }

    @Test("A role is not asked about paths that it was not trusted with, although it describes them")
    func paths() throws {
        var setting = try Setting(
            [
                ("targets", Self.delegation("A", 40, paths: ["*.md"])),
                ("targets", Self.delegation("B", 41, paths: ["releases/*/*"])),
                ("B", Self.delegation("C", 42, paths: ["releases/x/*"])),
            ], targets: [("A", "docs/x.md"), ("C", "releases/y/1"), ("C", "releases/x/1")])
        #expect(setting.refusal("docs/x.md") == TUFRefusal(.targets, .targetUnknown("docs/x.md")))
        #expect(setting.client.requests == [])
        #expect(setting.refusal("releases/y/1")?.code == "tuf_target_unknown")
        #expect(try setting.search("releases/x/1").role.description == "C")
    }

    @Test("A role is trusted with paths by the beginning of their hash")
    func hashPrefixes() throws {
        let digest = RepositorySimulator.sha256(Array("x".utf8))
        var right = SimulatedDelegation("A", keys: [SimulatedKey(40)], paths: nil)
        right.hashPrefixes = [String(digest.prefix(3)).uppercased()]
        var wrong = SimulatedDelegation("B", keys: [SimulatedKey(41)], paths: nil)
        wrong.hashPrefixes = [(digest.hasPrefix("0") ? "1" : "0") + digest.dropFirst().prefix(2)]
        var setting = try Setting([("targets", wrong), ("targets", right)], targets: [("A", "x"), ("B", "x")])
        let found = try setting.search("x")
        #expect(found.role.description == "A")
        #expect(found.visited == ["1.A.json"])
    }

    @Test("Circles of delegations come to an end")
    func circle() throws {
        var setting = try Setting([
            ("targets", Self.delegation("A", 40)), ("A", Self.delegation("B", 41)), ("B", Self.delegation("A", 42)),
        ])
        #expect(setting.refusal("x")?.code == "tuf_target_unknown")
        #expect(setting.client.requests == ["1.A.json", "1.B.json"])
    }

    @Test("So many delegated roles are asked and no more")
    func delegationsMax() throws {
        var chain: [(String, SimulatedDelegation)] = [("targets", Self.delegation("r1", 60))]
        for number in 2...6 as ClosedRange<UInt8> {
            chain.append(("r\(number - 1)", Self.delegation("r\(number)", 60 + number)))
        }
        var setting = try Setting(chain, targets: [("r6", "x")])
        setting.client.limits.delegationsMax = 5
        #expect(setting.refusal("x")?.reason == .tooManyDelegations)
        #expect(setting.client.requests.count == 5)
        setting.client.limits.delegationsMax = 6
        #expect(setting.refusal("x") == nil)
    }

    @Test("A kept role is verified by the keys of whoever leads to it now")
    func keptRoleByItsDelegator() throws {
        var setting = try Setting(
            [
                ("targets", Self.delegation("left", 40, paths: ["a/*"])),
                ("targets", Self.delegation("right", 41, paths: ["b/*"])),
                ("left", Self.delegation("release", 42, paths: ["a/*"])),
                ("right", Self.delegation("release", 43, paths: ["b/*"])),
            ], targets: [("release", "a/x"), ("release", "b/x")])
        setting.repository.roles["release"]?.signers = [SimulatedKey(42)]
        try setting.repository.publish("release")
        try setting.repository.publishRevision()
        let release = try #require(RoleName(delegated: "release"))
        #expect(try setting.search("a/x").role == release)
        #expect(setting.client.kept["release"] != nil)
        #expect(setting.refusal("b/x") == TUFRefusal(release, .thresholdNotMet(valid: 0, threshold: 1)))
    }

    @Test("A role that the snapshot does not list is not asked for")
    func notListed() throws {
        var setting = try Setting([("targets", Self.delegation("A", 40))], targets: [("A", "x")])
        setting.repository.snapshotEntries.removeAll { $0.name == "A.json" }
        try setting.repository.publishRevision()
        let role = try #require(RoleName(delegated: "A"))
        #expect(setting.refusal("x") == TUFRefusal(role, .notListed))
        #expect(setting.client.requests == [])
    }

    @Test("A delegated role that is missing, has expired or is another ends the search; nobody else answers for it")
    func damagedRole() throws {
        let setting = try Setting(
            [("targets", Self.delegation("A", 40)), ("targets", Self.delegation("B", 41))], targets: [("B", "x")])
        var missing = setting
        missing.repository.files["1.A.json"] = nil
        #expect(missing.refusal("x")?.reason == .absent)
        var replaced = setting
        replaced.repository.files["1.A.json"]? += [0x20]
        #expect(replaced.refusal("x")?.reason == .lengthMismatch)
        var expired = setting
        expired.repository.revise("A") { $0.expires = RepositorySimulator.start }
        try expired.repository.publish("A")
        try expired.repository.publishRevision()
        #expect(expired.refusal("x")?.code == "tuf_expired")
    }

    @Test("Names of roles cannot name files elsewhere", arguments: ["../up", "/top", "?", "#", "a b", "ü"])
    func strangeNames(name: String) throws {
        var setting = try Setting([("targets", Self.delegation(name, 40))], targets: [(name, "x")])
        let found = try setting.search("x")
        #expect(found.role.description == name)
        let fileName = found.visited[0].dropFirst(2).dropLast(5)
        #expect(fileName.allSatisfy { ($0.isASCII && ($0.isLetter || $0.isNumber)) || "%.-_~".contains($0) })
    }

    @Test(
        "Nobody can delegate to a role of one of the four names, of none or of one that is too long",
        arguments: ["root", "timestamp", "snapshot", "targets", "", String(repeating: "x", count: 81)])
    func namesOfOthers(name: String) throws {
        var repository = try RepositorySimulator()
        repository.roles["targets"]?.delegations = [SimulatedDelegation(name, keys: [SimulatedKey(40)])]
        try repository.publishRevision(of: "targets")
        var client = SimulatedClient(anchor: repository.anchor)
        #expect(throws: TUFRefusal.self) { try client.update(from: repository) }
        #expect(RoleName(delegated: name) == nil)
    }
}
