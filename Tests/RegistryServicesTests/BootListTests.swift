import OCI
import RegistryCore
import RegistryServices
import RegistryTesting
import SafeYAML
import StrictJSON
import Testing

@Suite("Boot lists")
struct BootListTests {
    private static let digest = String(repeating: "ab", count: 32)

    private static func list(_ rows: String...) throws(BootListFault) -> BootList {
        try BootList(parsing: Array(("version: 1\nmodels:\n" + rows.map { "  - \($0)\n" }.joined()).utf8))
    }

    private static func entry(_ fields: String) throws -> BootEntry {
        let row = "{ name: a, filename: m/tiny.gguf, sha256: \(digest)\(fields.isEmpty ? "" : ", " + fields) }"
        return try #require(try list(row).entries.first).get()
    }

    @Test("An entry needs a name, a file and its digest, and is meant to be trusted")
    func minimal() throws {
        let entry = try Self.entry("")
        #expect(entry.name.description == "a")
        #expect(entry.path.description == "m/tiny.gguf")
        #expect(entry.sha256.hex == Self.digest)
        #expect(entry.goal == .trusted)
        #expect(entry.sizeBytes == nil)
        #expect(entry.claims == nil)
    }

    @Test("Every field of an artifact is read")
    func full() throws {
        let entry = try Self.entry(
            "size_bytes: 5, format: gguf, source: hub, source_revision: main, state: revoked, reason: bad, "
                + "scan_results: { all: passed }, policy_version: \"3\"")
        #expect(entry.sizeBytes == 5)
        #expect(entry.format == "gguf")
        #expect(entry.source == "hub")
        #expect(entry.sourceRevision == "main")
        #expect(entry.goal == .revoked)
        #expect(entry.reason == "bad")
        #expect(entry.claims == ["scan_results": ["all": "passed"], "policy_version": "3"])
    }

    @Test(
        "The goal follows from state, its older name, and whether the entry is blocked",
        arguments: [
            ("", .trusted), ("state: trusted", .trusted), ("status: trusted", .trusted), ("state: null", .trusted),
            ("state: acquired", .acquired), ("state: quarantined", .quarantined), ("status: revoked", .revoked),
            ("state: deleted", .deleted), ("blocked: false", .trusted), ("blocked: true", .revoked),
            ("blocked: true, state: trusted", .revoked), ("blocked: true, state: deleted", .deleted),
            ("state: revoked, status: trusted", .revoked),
        ] as [(String, BootEntry.Goal)])
    func goals(fields: String, goal: BootEntry.Goal) throws {
        #expect(try Self.entry(fields).goal == goal)
    }

    @Test("Digests may be written as descriptors write them, and path is another name for filename")
    func spellings() throws {
        let list = try Self.list("{ name: a, path: x.gguf, sha256: \"sha256:\(Self.digest)\" }")
        let entry = try #require(list.entries.first).get()
        #expect(entry.path.description == "x.gguf")
        #expect(entry.sha256.hex == Self.digest)
    }

    @Test(
        "A bad entry is reported with its place and its reason, and the others are read",
        arguments: [
            ("{ filename: a, sha256: x }", nil, .field(.missing("name"))),
            ("{ name: ../a, filename: a, sha256: x }", nil, .badName(.badPartStart)),
            ("just text", nil, .field(.wrongType("models", expected: "an object"))),
            ("{ name: a, sha256: x }", "a", .field(.missing("filename"))),
            ("{ name: a, filename: a }", "a", .field(.missing("sha256"))),
            ("{ name: a, filename: a, sha256: x }", "a", .badDigest),
            (
                "{ name: a, filename: a, sha256: DIGEST, size_bytes: -1 }", "a",
                .field(.wrongType("size_bytes", expected: "a whole number, not negative"))
            ),
            ("{ name: a, filename: ../a, sha256: DIGEST }", "a", .badPath(.traversal)),
            ("{ name: a, filename: /etc/passwd, sha256: DIGEST }", "a", .badPath(.absolute)),
            ("{ name: a, filename: a, sha256: DIGEST, state: blessed }", "a", .unknownState("blessed")),
            (
                "{ name: a, filename: a, sha256: DIGEST, blocked: \"no\" }", "a",
                .field(.wrongType("blocked", expected: "true or false"))
            ),
            ("{ name: a, filename: a, sha256: DIGEST, files: [{ path: x }] }", "a", .field(.missing("sha256"))),
            ("{ name: first, filename: a, sha256: DIGEST }", "first", .repeatedName),
        ] as [(String, String?, BootEntryFault.Reason)])
    func badEntries(row: String, name: String?, reason: BootEntryFault.Reason) throws {
        let good = "{ name: NAME, filename: f, sha256: \(Self.digest) }"
        let list = try Self.list(
            good.replacing("NAME", with: "first"), row.replacing("DIGEST", with: Self.digest),
            good.replacing("NAME", with: "last"))
        let expected = BootEntryFault(index: 1, name: try name.map { try ArtifactName(parsing: $0) }, reason: reason)
        #expect(list.entries.map { try? $0.get().name.description } == ["first", nil, "last"])
        #expect(throws: expected) { try list.entries[1].get() }
        #expect(!expected.description.isEmpty)
    }

    @Test(
        "A file that is no list is refused as a whole",
        arguments: [
            ("", .field(.wrongType("", expected: "an object"))), ("[]", .field(.wrongType("", expected: "an object"))),
            ("models: []", .field(.missing("version"))), ("version: 1", .field(.missing("models"))),
            ("version: 2\nmodels: []", .unsupportedVersion(2)),
            (
                "version: \"1\"\nmodels: []",
                .field(.wrongType("version", expected: "a whole number, not negative"))
            ),
            ("version: 1\nmodels: {}", .field(.wrongType("models", expected: "an array"))),
            ("version: 1\nmodels: null", .field(.wrongType("models", expected: "an array"))),
        ] as [(String, BootListFault)])
    func badFiles(text: String, fault: BootListFault) {
        #expect(throws: fault) { try BootList(parsing: Array(text.utf8)) }
    }

    @Test("YAML that means different things to different readers is refused", arguments: ["&a", "!!map", "<<: "])
    func unsafeYAML(text: String) {
        #expect {
            try Self.list("{ \(text) name: a }")
        } throws: { error in
            if case .yaml = error as? BootListFault { true } else { false }
        }
    }

    @Test("Fields that nobody knows are ignored and reported, up to a limit")
    func warnings() throws {
        let yaml = """
            version: 1
            generator: a tool
            models:
              - { name: a, filename: f, sha256: \(Self.digest), color: red, digest: "sha256:00" }
            """
        let list = try BootList(parsing: Array(yaml.utf8))
        #expect(list.warnings == [.init(entry: nil, field: "generator"), .init(entry: 0, field: "color")])
        #expect(throws: Never.self) { try list.entries[0].get() }
        let many = (0..<200).map { "{ name: a\($0), filename: f, sha256: \(Self.digest), color: red }" }
        let long = try BootList(parsing: Array(("version: 1\nmodels:\n" + many.map { "  - \($0)\n" }.joined()).utf8))
        #expect(long.warnings.count == BootList.warningsMax)
        #expect(long.entries.count == 200)
    }
}
