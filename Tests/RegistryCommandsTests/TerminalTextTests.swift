import RegistryCommands
import Testing

@Suite("Terminal text")
struct TerminalTextTests {
    @Test(
        "Nothing that a terminal acts on survives",
        arguments: [
            ("\u{1B}[2J", "\\u{1b}[2J"), ("a\rb", "a\\u{d}b"), ("a\nb", "a\\u{a}b"), ("\u{9B}31m", "\\u{9b}31m"),
            ("a\u{202E}b", "a\\u{202e}b"), ("a\u{200B}b", "a\\u{200b}b"), ("\u{7F}", "\\u{7f}"),
            ("plain é 模型", "plain é 模型"),
        ])
    func visible(text: String, expected: String) {
        #expect(TerminalText.visible(text) == expected)
    }

    @Test(
        "Width counts cells, not characters",
        arguments: [("abc", 3), ("é", 1), ("e\u{301}", 1), ("模型", 4), ("🚢", 2), ("", 0)])
    func width(text: String, cells: Int) {
        #expect(TerminalText.width(text) == cells)
    }

    @Test("Cut text fits and says that it was cut", arguments: 0...12)
    func cut(limit: Int) {
        for text in ["abcdefghij", "模型模型模型", "a\u{301}b\u{301}c\u{301}defghijklm"] {
            let cut = TerminalText.cut(text, width: limit)
            #expect(TerminalText.width(cut) <= limit)
            #expect(cut == text || limit == 0 || cut.hasSuffix("…"))
        }
    }
}

@Suite("JSON text")
struct JSONTextTests {
    @Test(
        "Control, format and private characters become escapes; the rest stays",
        arguments: [
            (#"{"a":"plain é 模"}"#, #"{"a":"plain é 模"}"#),
            ("{\"a\":\"\u{9B}x\u{202E}\"}", #"{"a":"\u009bx\u202e"}"#),
            ("\"\u{E0041}\"", #""\udb40\udc41""#),
            ("[\n  1\n]\n", "[\n  1\n]\n"),
        ])
    func harmless(text: String, expected: String) {
        #expect(JSONText.harmless(text) == expected)
    }
}

@Suite("Text table")
struct TextTableTests {
    static let columns: [TextTable.Column] = [
        .init(title: "NAME", canShrink: true), .init(title: "SIZE", alignment: .right), .init(title: "STATE"),
    ]

    @Test("Columns are aligned, the last one without trailing spaces")
    func alignment() {
        var table = TextTable(Self.columns, widthMax: nil)
        #expect(
            table.render([["a", "1 B", "trusted"], ["模型", "100 kB", "x"]]) == """
                NAME    SIZE  STATE
                a        1 B  trusted
                模型  100 kB  x

                """)
    }

    @Test("Later pages have no titles and keep the widths of the first")
    func pages() {
        var table = TextTable(Self.columns, widthMax: nil)
        _ = table.render([["abcdef", "1 B", "x"]])
        #expect(table.render([["a", "2 B", "y"]]) == "a        2 B  y\n")
    }

    @Test("On a terminal the columns that may shrink do; elsewhere nothing is cut")
    func shrinking() {
        let name = String(repeating: "n", count: 60)
        var narrow = TextTable(Self.columns, widthMax: 40)
        let lines = narrow.render([[name, "1 B", "trusted"]]).split(separator: "\n")
        #expect(lines.allSatisfy { $0.count <= 40 })
        #expect(lines[1].contains("…"))
        var wide = TextTable(Self.columns, widthMax: nil)
        #expect(wide.render([[name, "1 B", "trusted"]]).contains(name))
    }

    @Test("A cell cannot break out of its row")
    func hostileCells() {
        var table = TextTable(Self.columns, widthMax: nil)
        let text = table.render([["a\n\u{1B}[31mroot  0 B  trusted", "1 B", "x"]])
        #expect(text.split(separator: "\n").count == 2)
        #expect(!text.unicodeScalars.contains("\u{1B}"))
    }
}
