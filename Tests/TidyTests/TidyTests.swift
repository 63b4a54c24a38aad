import Testing
import TidyRules

private let layers = LayerTable(
    parsing: """
        # lowest first
        pure StrictJSON
        pure OCI SafeYAML

        open LinuxFiles
        open RegistryServer
        """)

/// The rules that a file breaks, each with its line.
private func broken(_ text: String, at path: String = "Sources/OCI/Digest.swift") -> [String] {
    SourceTree(texts: [path: text], layers: layers).findings().map { "\($0.line) \($0.rule)" }
}

private func broken(_ texts: [String: String], others: Set<String> = []) -> [String] {
    SourceTree(texts: texts, otherPaths: others, layers: layers).findings().map { "\($0.path):\($0.line) \($0.rule)" }
}

@Suite("Rules of the house")
struct TidyTests {
    @Test("A file that keeps the rules has no findings")
    func clean() {
        #expect(broken("import StrictJSON\n\n/// A digest.\npublic struct Digest {}\n").isEmpty)
    }

    @Test("A finding names place, rule and replacement in the form that editors read")
    func description() throws {
        let finding = try #require(
            SourceTree(texts: ["Sources/OCI/A.swift": "\nlet a = b as! C"], layers: layers).findings().first)
        #expect(finding.description == "Sources/OCI/A.swift:2: trap: `as!`: write `as?` and say what happens otherwise")
    }

    @Test(
        "Imports point downward only",
        arguments: [
            ("import StrictJSON", "OCI", []), ("public import StrictJSON", "SafeYAML", []),
            ("import SafeYAML", "OCI", ["1 layers"]), ("package import OCI", "StrictJSON", ["1 layers"]),
            ("import struct LinuxFiles.File", "OCI", ["1 layers"]),
            ("@preconcurrency import RegistryServer", "LinuxFiles", ["1 layers"]),
            ("import OCI", "OCI", ["1 layers"]), ("import Crypto\nimport Foundation", "OCI", []),
            ("// import RegistryServer", "OCI", []), ("let a = \"import RegistryServer\"", "OCI", []),
            ("let a = 1", "Unheard", ["1 layers"]),
        ])
    func layering(_ text: String, _ module: String, _ findings: [String]) {
        #expect(broken(text, at: "Sources/\(module)/A.swift") == findings)
    }

    @Test(
        "Code that the house does without is found as code, not as text",
        arguments: [
            ("let a = try! b()", ["1 trap"]), ("fatalError()", ["1 trap"]), ("let a = b as! C", ["1 trap"]),
            ("print(a)", ["1 print"]), ("import XCTest", ["1 xctest"]), ("let a = Date()", ["1 clock"]),
            ("let a: Instant = .now", ["1 clock"]), ("f(.now)", ["1 clock"]), ("let a = UUID()", ["1 entropy"]),
            ("let a = Int.random(in: 0..<3)", ["1 entropy"]), ("getenv(\"A\")", ["1 environment"]),
            ("let a = \"\\(try! b())\"", ["1 trap"]), ("let a = \"\"\"\n  \\(b as! C)\n  \"\"\"", ["2 trap"]),
            ("// try! fatalError print(", []), ("/* a\n/* b */ print( */ let c = 1", []),
            ("let a = \"try! print(\"", []),
            ("let a = #\"\"\"\n  \" print( \\(b) \"\"\n  \"\"\"#", []),
            ("let a = \"\\\\\" ; print(\"x\")", ["1 print"]),
            ("func print(_ a: Int) {}", []), ("table.print(a)", []), ("pprint(a)", []), ("let fatalErrors = 1", []),
            ("let a = clock.now()", []), ("let a = \"\\(b(\"x\")) print(\"", []),
        ])
    func forbiddenCode(_ text: String, _ findings: [String]) {
        #expect(broken(text) == findings)
    }

    @Test("Clock, entropy and environment are open to those who may")
    func permissions() {
        let text = "let a = Date()\nlet b = UUID()\nlet c = ProcessInfo.processInfo.environment"
        #expect(broken(text, at: "Sources/OCI/A.swift") == ["1 clock", "2 entropy", "3 environment"])
        #expect(broken(text, at: "Sources/LinuxFiles/A.swift") == ["3 environment"])
        #expect(broken(text, at: "Sources/RegistryServer/A.swift") == [])
        #expect(broken(text, at: "Tests/OCITests/A.swift") == [])
    }

    @Test("What switches the compiler's checks off has its reason on the line before")
    func unexplained() {
        #expect(broken("final class A: @unchecked Sendable {}") == ["1 unexplained"])
        #expect(broken("\nnonisolated(unsafe) var a = 1") == ["2 unexplained"])
        #expect(broken("//\nnonisolated(unsafe) var a = 1") == ["2 unexplained"])
        #expect(broken("// The lock guards it.\nfinal class A: @unchecked Sendable {}") == [])
    }

    @Test("Notes about unfinished work are found in comments only", arguments: ["TODO", "FIXME", "XXX", "HACK"])
    func unfinished(_ word: String) {
        #expect(broken("let a = 1 // \(word): later") == ["1 unfinished"])
        #expect(broken("/*\n \(word) */") == ["2 unfinished"])
        #expect(broken("let a = \"\(word)\"\n// \(word)S are not accepted\nlet \(word) = 1") == [])
    }

    @Test("A file has 600 lines and a line 120 columns at most")
    func sizes() {
        let file = String(repeating: "let a = 1\n", count: 600)
        #expect(broken(file) == [])
        #expect(broken(file + "let b = 1\n") == ["601 file-length"])
        #expect(broken("// " + String(repeating: "é", count: 117)) == [])
        #expect(broken("// " + String(repeating: "é", count: 118)) == ["1 line-length"])
    }

    @Test(
        "A function has 60 lines at most, from its declaration to its closing brace",
        arguments: [
            "func a() {", "private static func a(_ b: Int = { 1 }()) async throws(C) -> D {", "init?(a: Int) {",
            "deinit {",
            "@discardableResult public func a() {", "func a<B>() where B == C {", "subscript(a: Int) -> Int {",
        ])
    func functionLength(_ declaration: String) {
        func text(_ count: Int) -> String {
            declaration + "\n" + String(repeating: "if a { b() }\n", count: count - 2) + "}\nlet c = 1"
        }
        #expect(broken(text(60)) == [])
        #expect(broken("\n" + text(61)) == ["2 function-length"])
    }

    @Test("A signature may take several lines, and a requirement has no body")
    func signatures() {
        let body = String(repeating: "a()\n", count: 57) + "}\n"
        let wide = "func a(\n    b: Int\n) async\n    throws -> Int\n{\n"
        #expect(broken(wide + body) == ["1 function-length"])
        #expect(
            broken(
                "protocol A {\nfunc a()\nfunc b() -> Int\n}\nstruct B {\n" + String(repeating: "var a = 1\n", count: 70)
                    + "}") == [])
        #expect(broken("self.init(a)\nlet b = [\n" + String(repeating: "{ 1 },\n", count: 70) + "]") == [])
    }

    @Test(
        "A file is named after what is inside",
        arguments: [
            "Sources/OCI/Utils.swift", "Sources/OCI/StringHelpers.swift", "Sources/OCI/String+Hex.swift",
            "Tests/Common/A.swift",
            "Sources/OCI/Extensions/A.swift",
        ])
    func fileNames(_ path: String) {
        #expect(broken("", at: path) == ["1 file-name"])
    }
}

@Suite("Rules of the documents")
struct DocumentRuleTests {
    @Test("A link inside the repository points at a file or heading that is there")
    func links() {
        let readme = """
            # Title & more
            [a](docs/a.md) [b](docs/b.md) ![c](docs "title") [d](#title--more) [e](#none) [f](https://example.org/x)
            [g](docs/a.md#part-1) [h](docs/a.md#part-2) [i](./docs/../README.md) `[j](x)` [k](mailto:a@b) [l](../x.md)
            ```
            [m](x)
            ```
            [n]: docs/c.md
            """
        let documents = ["README.md": readme, "docs/a.md": "## Part 1\n[up](../README.md)\n[out](../../README.md)\n"]
        #expect(
            broken(documents, others: ["docs"]) == [
                "README.md:2 link", "README.md:2 link", "README.md:3 link", "README.md:3 link", "README.md:7 link",
                "docs/a.md:3 link",
            ])
    }

    @Test("Decision records are numbered from 0001 on, without gaps and twins")
    func decisionRecords() {
        func records(_ names: String...) -> [String] {
            broken(Dictionary(uniqueKeysWithValues: names.map { ("docs/adr/" + $0, "# A\n") }))
        }
        #expect(records("README.md", "0001-a.md", "0002-b.md") == [])
        #expect(records("0001-a.md", "0003-b.md", "0004-c.md") == ["docs/adr/0003-b.md:1 decision-record"])
        #expect(records("0001-a.md", "0001-b.md") == ["docs/adr/0001-b.md:1 decision-record"])
        #expect(records("0002-a.md") == ["docs/adr/0002-a.md:1 decision-record"])
        #expect(records("0001-a.md", "notes.md") == ["docs/adr/notes.md:1 decision-record"])
    }
}
