import SafeYAML
import StrictJSON
import Testing

private func text(_ value: JSONValue) -> String {
    String(decoding: SafeYAML.write(value), as: UTF8.self)
}

private func read(_ bytes: [UInt8]) throws(YAMLFault) -> JSONValue {
    try SafeYAML.parse(bytes, limits: .configuration)
}

@Suite("YAML writer")
struct YAMLWriterTests {
    @Test("A manifest is written in block style, with strings plain where every reader agrees")
    func layout() {
        let value: JSONValue = [
            "version": 1,
            "models": [
                [
                    "name": "org/model", "sha256": "0ab", "digest": "sha256:0ab", "source": "https://example.org/m",
                    "filename": "m one.gguf", "scan_results": ["a": ["b": nil], "c": []],
                    "tags": ["x", ["y", [1, 2]], [:]],
                ],
                [],
                "yes",
            ],
            "none": [:],
        ]
        let expected = """
            version: 1
            models:
              - name: org/model
                sha256: "0ab"
                digest: sha256:0ab
                source: https://example.org/m
                filename: "m one.gguf"
                scan_results:
                  a:
                    b: null
                  c: []
                tags:
                  - x
                  - - "y"
                    - - 1
                      - 2
                  - {}
              - []
              - "yes"
            none: {}

            """
        #expect(text(value) == expected)
    }

    @Test(
        "A string that some reader could take for anything else stands in quotation marks",
        arguments: [
            "", "~", "null", "NULL", "true", "False", "yes", "No", "ON", "off", "y", "N", "0", "12", "-1", "+1", "0x1",
            "0o7", "1e3",
            ".5", ".inf", "1_0", "12:30", "2026-01-01", " lead", "trail ", "a b", "a: b", "a:", "#x", "a #b", "-",
            "- a", "?", "? a",
            "---", "...", "[a]", "{a}", "a,b", "&a", "*a", "!a", "|", ">", "%a", "@a", "`a", "'a'", "\"a\"", "\\", "<<",
            "=", "a\nb",
            "a\r\nb", "\t", "\u{7}", "\u{0}", "\u{7f}", "\u{85}", "\u{a0}", "\u{2028}", "\u{202e}", "\u{feff}",
            "\u{fffe}", "\u{e000}",
            "é", "😀", "👩‍💻", "\u{10ffff}",
        ])
    func quotes(_ string: String) throws {
        let written = text(.string(string))
        #expect(written.hasPrefix("\"") && written.hasSuffix("\"\n"))
        #expect(written.unicodeScalars.dropLast().allSatisfy { $0.properties.generalCategory != .control })
        #expect(try read(Array(written.utf8)) == .string(string))
    }

    @Test(
        "Names, paths, digests and addresses stand as they are",
        arguments: [
            "a", "model", "org/model-1.0_Q4", "/registry/trusted/a.gguf", "sha256:0ab", "https://example.org:80/a@b+c",
            "nulls", "Yess",
        ])
    func plain(_ string: String) throws {
        #expect(text(.string(string)) == string + "\n")
        #expect(try read(SafeYAML.write(.string(string))) == .string(string))
    }

    @Test("Whatever is written reads back the same", arguments: 0..<200)
    func roundTrip(_ seed: UInt64) throws {
        var generator = ValueGenerator(seed: seed)
        let value = generator.value(depth: 5)
        let written = SafeYAML.write(value)
        #expect(try read(written) == value)
        #expect(SafeYAML.write(value) == written)
    }

    @Test("A key is written however long it is", arguments: [997, 998, 999, 1000, 1001, 1020, 1024, 1025, 5000])
    func longKeys(_ count: Int) throws {
        let key = String(repeating: "k", count: count)
        let value: JSONValue = [.object([key: [[key: 1, "a b" + key: [key: ["x", [:]]]]], "z": 2])]
        #expect(try read(SafeYAML.write(value)) == value)
    }

    @Test("A sequence written item by item is the same as one written whole")
    func pieces() throws {
        let items: [JSONValue] = [["name": "a", "tags": ["x"]], ["name": "b"], "c", [1, [2]], []]
        var bytes = SafeYAML.write(["version": 1])
        SafeYAML.appendSequenceName("models", to: &bytes)
        for item in items {
            SafeYAML.appendItem(item, to: &bytes)
        }
        #expect(bytes == SafeYAML.write(["version": 1, "models": .array(items)]))
        var empty = SafeYAML.write(["version": 1])
        SafeYAML.appendEmptySequence("models", to: &empty)
        #expect(empty == SafeYAML.write(["version": 1, "models": []]))
    }
}

/// Values that are the same for the same seed.
private struct ValueGenerator {
    private static let pieces = [
        "a", "yes", "0x1", "1e3", "null", "~", " ", ": ", "#", "\u{7}", "😀", "---", "\n", "\"", "'", "\\", "-", "?",
        "é", "\u{85}",
        "\u{2028}", "{", "]", ",", "&", "*", "!", "|", ">", "%", "\t", "12", ".", "true", "\u{0}", "\u{feff}", "\r",
    ]

    private var state: UInt64

    init(seed: UInt64) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1
    }

    private mutating func below(_ bound: Int) -> Int {
        // xorshift64*
        state ^= state >> 12
        state ^= state << 25
        state ^= state >> 27
        return Int((state &* 0x2545_F491_4F6C_DD1D) >> 33) % bound
    }

    private mutating func string() -> String {
        (0..<below(5)).map { _ in Self.pieces[below(Self.pieces.count)] }.joined()
    }

    mutating func value(depth: Int) -> JSONValue {
        switch below(depth > 0 ? 8 : 5) {
        case 0: return nil
        case 1: return .bool(below(2) == 0)
        case 2: return .integer(below(1_000_000) - 500_000)
        case 3: return JSONNumber(Double(below(1_000_000)) / 1000).map(JSONValue.number) ?? nil
        case 4: return .string(string())
        case 5: return .array((0..<below(5)).map { _ in value(depth: depth - 1) })
        default: return .object(JSONObject((0..<below(5)).map { _ in (string(), value(depth: depth - 1)) }))
        }
    }
}
