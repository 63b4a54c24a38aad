import SafeYAML
import StrictJSON
import Testing

private func parse(_ text: String) throws(YAMLFault) -> JSONValue {
    try SafeYAML.parse(Array(text.utf8), limits: .configuration)
}

@Suite("Safe YAML")
struct SafeYAMLTests {
    @Test(
        "Plain scalars mean what the core schema says, and are strings otherwise",
        arguments: [
            ("null", nil), ("~", nil), ("", nil), ("# nothing", nil), ("Null", nil), ("nULL", "nULL"), ("true", true),
            ("FALSE", false), ("tRue", "tRue"), ("yes", "yes"), ("off", "off"), ("12", 12), ("-12", -12), ("+12", 12),
            ("0", 0), ("-0", number("-0")), ("010", "010"), ("0o10", "0o10"), ("0x1F", "0x1F"), ("0b1", "0b1"),
            ("1_000", "1_000"), ("12:30:00", "12:30:00"), ("190:20:30", "190:20:30"), ("2026-01-01", "2026-01-01"),
            ("2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z"), ("1.5", number("1.5")), ("1.", number("1.0")),
            (".5", number("0.5")), ("-.5e3", number("-0.5e3")), ("1e3", number("1e3")), ("1E+3", number("1E+3")),
            ("1e", "1e"), ("e3", "e3"), (".", "."), ("-", [nil]), ("+", "+"), ("00.5", "00.5"), (".inf", ".inf"),
            (".nan", ".nan"), ("1 2", "1 2"), ("١", "١"), ("'12'", "12"), ("\"true\"", "true"), ("|\n  12", "12"),
            (">\n a\n b\n", "a b\n"), ("a\n b", "a b"), ("\"\\u0041\\x0a\\U0001f600\\0\"", "A\n😀\0"),
        ] as [(String, JSONValue)])
    func scalars(_ text: String, _ value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test("Block and flow style give the same values, comments none")
    func collections() throws {
        let text = """
            # a lock file
            version: 1
            models:
              - name: org/model   # a comment
                sha256: "0123"
                tags: [a, 'b', {c: ~, "d": []}]
              - {name: other, blocked: true}
            empty: {}
            ? long
            : value
            text: |
              one
              two
            """
        let expected: JSONValue = [
            "version": 1,
            "models": [
                ["name": "org/model", "sha256": "0123", "tags": ["a", "b", ["c": nil, "d": []]]],
                ["name": "other", "blocked": true],
            ],
            "empty": [:], "long": "value", "text": "one\ntwo",
        ]
        #expect(try parse(text) == expected)
    }

    @Test(
        "What could mean two things to two readers is refused, and the place is named",
        arguments: [
            ("a: &x 1", .anchor, 1, 4), ("- &x [1]", .anchor, 1, 3), ("&x {a: 1}", .anchor, 1, 1), ("*x", .alias, 1, 1),
            ("a: 1\nb: *a", .alias, 2, 4), ("<<: {a: 1}", .mergeKey, 1, 1), ("!!str 1", .tag, 1, 1),
            ("! 12", .tag, 1, 1), ("! é", .tag, 1, 1), ("- !", .tag, 1, 3), ("!x [1]", .tag, 1, 1),
            ("! {a: 1}", .tag, 1, 1), ("!!binary aGk=", .tag, 1, 1), ("! \n12", .tag, 1, 1),
            ("%YAML 1.1\n---\na", .directive, 1, 1), ("%TAG ! tag:x,2000:\n---\na", .directive, 1, 1),
            ("1: a", .keyIsNoString, 1, 1), ("~: a", .keyIsNoString, 1, 1), ("true: a", .keyIsNoString, 1, 1),
            ("? [a]\n: b", .keyIsNoString, 1, 3), ("{a: b}: c", .keyIsNoString, 1, 1),
            ("a: 1\nb: 2\na: 3", .duplicateKey("a"), 3, 1), ("{a: 1, \"\\x61\": 2}", .duplicateKey("a"), 1, 8),
            ("a: {b: {c: 1, c: 2}}", .duplicateKey("c"), 1, 15), ("a\n---\nb", .severalDocuments, 2, 1),
            ("---\n...\n---\n", .severalDocuments, 3, 1),
        ] as [(String, YAMLFault.Reason, Int, Int)])
    func refuses(_ text: String, _ reason: YAMLFault.Reason, _ line: Int, _ column: Int) {
        #expect(throws: YAMLFault(reason, line: line, column: column)) { try parse(text) }
    }

    @Test(
        "What is not YAML is refused",
        arguments: [
            "[", "[a", "{a: ", "\"a", "a: b: c", "a:\n\t- b", ": a", "- a\nb: c", "\"\\q\"", "\"\\ud83d\\ude00\"", "@a",
            "`a",
            "a: 'b", "[a]]", "a\u{7}b", "%YAML 9.9\n---\na",
        ])
    func refusesSyntax(_ text: String) {
        let fault = #expect(throws: YAMLFault.self) { try parse(text) }
        guard case .syntax = fault?.reason else {
            Issue.record("\(text) was refused for \(String(describing: fault))")
            return
        }
    }

    @Test(
        "Bytes that are not UTF-8 are refused",
        arguments: [[0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xFF, 0xFE]] as [[UInt8]])
    func refusesBadUTF8(_ bytes: [UInt8]) {
        #expect(throws: YAMLFault(.invalidUTF8)) { try SafeYAML.parse(bytes, limits: .configuration) }
    }

    @Test("Anchors and tags inside strings are text")
    func indicatorsInStrings() throws {
        #expect(try parse("a: 'b & *c !d <<'") == ["a": "b & *c !d <<"])
        #expect(try parse("\"<<\": 1") == ["<<": 1])
        #expect(try parse("a: b!c*d&e") == ["a": "b!c*d&e"])
    }
}

private func number(_ text: String) -> JSONValue {
    (try? StrictJSON.parse(Array(text.utf8), limits: .requestBody)) ?? .null
}
