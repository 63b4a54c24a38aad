import ModelFormats
import Testing

@Suite("Jinja lexer")
struct JinjaLexerTests {
    private func tokens(_ template: String) -> [[JinjaToken]] {
        JinjaLexer.lex(Array(template.utf8)).blocks.map(\.tokens)
    }

    private func defect(_ template: String) -> JinjaLexer.Defect? {
        JinjaLexer.lex(Array(template.utf8)).defect?.0
    }

    @Test("Code is found between delimiters, with and without signs")
    func blocks() {
        let result = JinjaLexer.lex(Array("a {{- x -}} b {%+ if y %}c{%- endif -%}".utf8))
        #expect(result.blocks.map(\.tokens) == [[.name("x")], [.name("if"), .name("y")], [.name("endif")]])
        #expect(result.blocks.map(\.kind) == [.expression, .statement, .statement])
        #expect(result.blocks.map(\.offset) == [2, 14, 26])
        #expect(result.defect == nil)
    }

    @Test("Comments and raw blocks are no code")
    func noCode() {
        #expect(tokens("{# {{ x }} #}{{ y }}") == [[.name("y")]])
        #expect(tokens("{% raw %}{{ x }}{% if %}{%- endraw -%}{{ y }}") == [[.name("raw")], [.name("y")]])
    }

    @Test("Delimiters within texts and braces do not end a block")
    func nesting() {
        #expect(tokens("{{ '}}' }}") == [[.string("}}", spellsNames: false)]])
        let map = tokens("{{ {'a': {'b': 1}} }}").first ?? []
        #expect(map.filter { $0 == .op(.closeBrace) }.count == 2)
    }

    @Test("Texts next to each other are one text")
    func adjacent() {
        #expect(tokens("{{ 'a' \"b\" }}") == [[.string("ab", spellsNames: false)]])
    }

    @Test(
        "Escapes are resolved, and those that spell names are marked",
        arguments: [
            (#"a\n\t\'"#, "a\n\t'", false), (#"\x5fa"#, "_a", true), (#"\u005f"#, "_", true),
            (#"\U0000005f"#, "_", true),
            (#"\137"#, "_", true), (#"\x2e"#, ".", false), (#"\u2581"#, "\u{2581}", false),
            (#"\N{LOW LINE}"#, #"\N{LOW LINE}"#, true),
            (#"\q"#, #"\q"#, false), (#"\x+f"#, #"\x+f"#, false), (#"\\x5f"#, #"\x5f"#, false), (#"\141"#, "a", true),
        ])
    func escapes(written: String, text: String, spellsNames: Bool) {
        #expect(tokens("{{ \"\(written)\" }}") == [[.string(text, spellsNames: spellsNames)]])
    }

    @Test("Numbers, names and operators")
    func kinds() {
        #expect(
            tokens("{{ a.b[0]|c(1.5, x=-2) ** 3 // 0x1F ~ é }}") == [
                [
                    .name("a"), .op(.dot), .name("b"), .op(.openBracket), .integer("0"), .op(.closeBracket), .op(.pipe),
                    .name("c"), .op(.openParenthesis), .float("1.5"), .op(.comma), .name("x"), .op(.assign),
                    .op(.subtract),
                    .integer("2"), .op(.closeParenthesis), .op(.power), .integer("3"), .op(.floorDivide),
                    .integer("0x1F"),
                    .op(.tilde), .name("é"),
                ]
            ])
    }

    @Test(
        "A number ends where Jinja ends it, so that no name hides behind one",
        arguments: [
            ("1attr", ["1", "attr"]), ("0x1Fendraw", ["0x1Fe", "ndraw"]), ("0x", ["0", "x"]), ("1_000", ["1_000"]),
            ("1__0", ["1", "__0"]), ("007", ["00", "7"]), ("1.5e3x", ["1.5e3", "x"]), ("1e", ["1", "e"]),
            ("2E+5", ["2E+5"]), ("0b12", ["0b1", "2"]), ("0o_7", ["0o_7"]), ("1.e", ["1", ".", "e"]),
        ])
    func numbers(written: String, expected: [String]) {
        let found = tokens("{{ \(written) }}").first?.map { token in
            switch token {
            case .name(let text), .string(let text, _), .integer(let text), .float(let text): text
            case .op(let found): found.rawValue
            }
        }
        #expect(found == expected)
    }

    @Test("A plus sign does not end an expression, but a statement")
    func plus() {
        #expect(tokens("{{ a +}}") == [[.name("a"), .op(.add)]])
        #expect(tokens("{% a +%}") == [[.name("a")]])
    }

    @Test(
        "What is not closed is a defect",
        arguments: [
            ("{{ x", JinjaLexer.Defect.unclosedBlock), ("{% if", .unclosedBlock), ("{# x", .unclosedComment),
            ("{% raw %} x", .unclosedRaw), ("{{ 'x }}", .unclosedString), ("{{ (x }}", .unbalanced),
            ("{{ x) }}", .unbalanced), ("{{ (x] }}", .unbalanced), ("{{ x ? y }}", .unknownCharacter),
            ("{{ x $ }}", .unknownCharacter), ("{{" + String(repeating: "(", count: 65), .tooDeep),
            ("{{ 'x\\", .unclosedString),
        ])
    func defects(template: String, expected: JinjaLexer.Defect) {
        #expect(defect(template) == expected)
    }

    @Test("Text without code has no blocks", arguments: ["", "{", "{ {", "a } b", "{x}", "%}"])
    func noBlocks(text: String) {
        #expect(tokens(text).isEmpty)
        #expect(defect(text) == nil)
    }

    @Test("Blocks before a defect are kept")
    func partial() {
        #expect(tokens("{{ a }}{{ b") == [[.name("a")]])
    }
}
