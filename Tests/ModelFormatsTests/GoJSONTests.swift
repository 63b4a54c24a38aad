import ModelFormats
import StrictJSON
import Testing

@Suite("JSON as Go writes it")
struct GoJSONTests {
    private func text(_ layout: GoJSON.Layout, _ fill: (inout GoJSON) -> Void) -> String {
        var json = GoJSON(layout)
        fill(&json)
        return String(decoding: json.bytes, as: UTF8.self)
    }

    @Test("Empty containers stay on one line")
    func empty() {
        let document = text(.indented) { json in
            json.object { json in
                json.name("a")
                json.array { _ in }
                json.name("b")
                json.object { _ in }
                json.name("c")
                json.null()
            }
        }
        #expect(document == "{\n  \"a\": [],\n  \"b\": {},\n  \"c\": null\n}")
    }

    @Test("Containers nest with two spaces, or without any")
    func nesting() {
        func fill(_ json: inout GoJSON) {
            json.object { json in
                json.name("a")
                json.array { json in
                    json.number(1)
                    json.array { $0.bool(true) }
                }
            }
        }
        #expect(text(.indented, fill) == "{\n  \"a\": [\n    1,\n    [\n      true\n    ]\n  ]\n}")
        #expect(text(.compact, fill) == "{\"a\":[1,[true]]}")
    }

    @Test(
        "Strings are escaped as Go escapes them",
        arguments: [
            ("plain é 😀", "plain é 😀"), ("<&>", #"\u003c\u0026\u003e"#), ("\"\\/", #"\"\\/"#),
            ("\n\r\t\u{8}\u{C}", #"\n\r\t\b\f"#), ("\u{0}\u{1F}\u{7F}", "\\u0000\\u001f\u{7F}"),
            ("\u{2028}\u{2029}\u{202A}", "\\u2028\\u2029\u{202A}"), ("\u{FFFD}", "\u{FFFD}"),
        ])
    func strings(value: String, expected: String) throws {
        let written = text(.compact) { $0.string(value) }
        #expect(written == "\"\(expected)\"")
        #expect(try StrictJSON.parse(Array(written.utf8), limits: .requestBody) == .string(value))
    }

    @Test(
        "Each byte that is not UTF-8 is replaced",
        arguments: [
            ([0xFF, 0xFE], #"\ufffd\ufffd"#), ([0xE2, 0x80, 0x41], #"\ufffd\ufffdA"#), ([0xC3], #"\ufffd"#),
            ([0xED, 0xA0, 0x80], #"\ufffd\ufffd\ufffd"#), ([0xF0, 0x9F, 0x98, 0x80], "😀"),
            ([0xC0, 0x80], #"\ufffd\ufffd"#),
        ] as [([UInt8], String)])
    func invalid(bytes: [UInt8], expected: String) {
        #expect(text(.compact) { $0.string(bytes) } == "\"\(expected)\"")
        let repaired = String(decoding: GoJSON.repaired(bytes), as: UTF8.self)
        #expect(repaired == expected.replacing(#"\ufffd"#, with: "\u{FFFD}"))
    }
}
