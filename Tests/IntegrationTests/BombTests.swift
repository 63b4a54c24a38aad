import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("Bombs")
struct BombTests {
    /// Bodies within the limit of 1 MiB that make careless readers slow, large or wrong.
    private static let bodies: [(name: String, bytes: [UInt8])] = {
        let megabyte = (1 << 20) - 64
        func fill(_ text: String, _ count: Int? = nil) -> String {
            String(repeating: text, count: count ?? megabyte / text.utf8.count)
        }
        let numbered = (0..<90_000).map { "\"k\($0)\":0" }.joined(separator: ",")
        // Names that a weak hash puts into one bucket.
        let similar = (0..<40_000).map { "\"\(String(repeating: "\0", count: $0 % 7))\($0)\":0" }.joined(separator: ",")
        let texts: [(String, String)] = [
            ("arrays", fill("[")), ("objects", fill(#"{"a":"#)),
            ("closed arrays", fill("[", megabyte / 2) + fill("]", megabyte / 2)),
            ("65 levels", #"{"name":"a","scan_results":"# + fill("[", 65) + fill("]", 65) + "}"),
            ("keys", "{\(numbered)}"), ("similar keys", "{\(similar)}"),
            ("claimed keys", #"{"name":"a","scan_results":{"# + numbered + "}}"),
            ("number", #"{"size_bytes":"# + fill("9") + "}"),
            ("exponent", #"{"size_bytes":1e"# + fill("9", 100_000) + "}"),
            ("fraction", #"{"size_bytes":0."# + fill("0", 900_000) + "1}"),
            ("huge exponent", #"{"size_bytes":1e999999999}"#),
            ("string", #"{"name":""# + fill("a") + #""}"#), ("escapes", #"{"name":""# + fill(#"\u0041"#) + #""}"#),
            ("zeros", fill("[0,", 300_000)), ("commas", "[" + fill(",")), ("spaces", fill(" ")), ("minus", fill("-")),
            ("duplicates", "{" + fill(#""a":0,"#) + #""a":0}"#), ("NaN", #"{"size_bytes":NaN}"#),
            ("Infinity", "[Infinity]"),
            ("hexadecimal", #"{"size_bytes":0x10}"#), ("leading zero", #"{"size_bytes":01}"#),
            ("plus", #"{"size_bytes":+1}"#),
            ("comment", #"{"name":"a"/* */}"#), ("trailing comma", #"{"name":"a",}"#),
            ("single quotes", "{'name':'a'}"),
            ("trailing data", #"{"name":"a"}{}"#), ("trailing word", #"{"name":"a"} x"#), ("nothing", ""),
            ("a word", "name"),
            ("an array", "[]"), ("null", "null"), ("a text", #""name""#), ("lone surrogate", #"{"name":"\ud800"}"#),
            ("surrogates reversed", #"{"name":"\udc00\ud800"}"#), ("bad escape", #"{"name":"\x41"}"#),
            ("control character", "{\"name\":\"a\nb\"}"), ("unclosed", #"{"name":"a"#),
            ("byte order mark", "\u{FEFF}{\"name\":\"a\"}"),
        ]
        let binary: [(String, [UInt8])] = [
            ("bad UTF-8", Array(#"{"name":""#.utf8) + [0xFF, 0xFE] + Array(#""}"#.utf8)),
            ("overlong UTF-8", Array(#"{"name":""#.utf8) + [0xC0, 0xAF] + Array(#""}"#.utf8)),
            ("encoded surrogate", Array(#"{"name":""#.utf8) + [0xED, 0xA0, 0x80] + Array(#""}"#.utf8)),
            ("UTF-16", [0xFF, 0xFE, 0x7B, 0, 0x7D, 0]), ("zero bytes", [UInt8](repeating: 0, count: megabyte)),
        ]
        return texts.map { ($0.0, Array($0.1.utf8)) } + binary
    }()

    @Test("Every JSON bomb is refused fast and in little memory, and the server goes on")
    func json() async throws {
        try await withRegistry { registry in
            // What a server needs for its first bodies of this size is not the bombs'.
            let plain = HTTPRequest(
                "POST", "/v1/model/promote", body: [UInt8](repeating: UInt8(ascii: " "), count: 1 << 20))
            _ = try await registry.sendAll(Array(repeating: plain, count: 4))
            let before = try registry.peakResidentBytes()
            for (name, body) in Self.bodies {
                #expect(body.count <= 1 << 20, "\(name)")
                for target in ["/v1/model/promote", "/v1/model/acquire", "/v1/model/revoke?name=a"] {
                    var fastest = Duration.seconds(60)
                    for _ in 0..<3 {
                        let start = ContinuousClock.now
                        let answers = try await registry.sendAll([HTTPRequest("POST", target, body: body)])
                        fastest = min(fastest, start.duration(to: .now))
                        let isEmptyRevocation = name == "nothing" && target.contains("revoke")
                        #expect(answers.first?.status == (isEmptyRevocation ? 404 : 400), "\(name): \(answers)")
                    }
                    // The target is 10 ms; what is quadratic takes minutes. The rest is for a busy machine.
                    #expect(fastest < .seconds(1), "\(name) took \(fastest)")
                }
            }
            #expect(try registry.peakResidentBytes() - before < 24 << 20)
            expect(try await registry.get("/health"), 200)
        }
    }

    /// Policies that make careless readers of YAML slow, large or wrong.
    private static let policies: [(name: String, text: String)] = {
        let laughs =
            "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
            + (1..<10).map { level in
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",") + "]\n"
            }.joined()
        return [
            ("billion laughs", laughs), ("alias", "a: &x 1\nb: *x\n"), ("anchor", "a: &x 1\n"),
            ("merge", "a: {b: 1}\nc:\n  <<: {d: 1}\n"), ("recursion", "&a [*a]\n"),
            ("tag", "a: !!python/object:os.system ls\n"),
            ("binary", "a: !!binary aGVsbG8=\n"), ("set", "a: !!set {b, c}\n"), ("duplicates", "a: 1\na: 2\n"),
            ("two documents", "a: 1\n---\nb: 2\n"), ("depth", String(repeating: "[", count: 100_000)),
            ("block depth", String(repeating: "- ", count: 100_000)),
            ("mapping depth", (0..<2_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined()),
            ("keys", (0..<60_000).map { "k\($0): 1\n" }.joined()),
            ("huge anchor", "&" + String(repeating: "a", count: 900_000) + " 1\n"),
            ("huge key", "? " + String(repeating: "a", count: 900_000) + "\n: 1\n"),
            ("complex key", "? [a, b]\n: 1\n"), ("too large", String(repeating: "# comment\n", count: 200_000)),
            ("nothing", ""), ("bad UTF-8", "a: \u{0}\n"), ("directive", "%YAML 9.9\n---\na: 1\n"),
            ("tabs", "a:\n\t- 1\n"), ("folded", "a: >\n" + String(repeating: "  x\n", count: 200_000)),
        ]
    }()

    @Test("Every YAML bomb in a policy file is refused by --check-config, fast and in little memory")
    func yaml() async throws {
        let home = try RegistryHome()
        let path = home.path + "/policy.yaml"
        // More data than this the program cannot have: it would end with a signal.
        let limited = ["/usr/bin/prlimit", "--data=\(96 << 20)", BuiltPrograms.pratique]
        func check() async throws -> FinishedProgram {
            try await FinishedProgram.run(
                limited[0],
                Array(limited.dropFirst()) + ["serve", "--check-config", "--policy-path", path] + home.arguments,
                in: home.path, atMost: .seconds(20))
        }
        try writeFile(Array(Self.honestPolicy.utf8), to: path)
        #expect(try await check().status == .exited(0))
        for (name, text) in Self.policies {
            try writeFile(Array(text.utf8), to: path)
            let program = try await check()
            #expect(program.status == .exited(78), "\(name): \(program)")
            #expect(program.errors.hasPrefix("pratique: policy_path: \(path)"), "\(name): \(program)")
            #expect(program.errors.utf8.count < 512 + path.utf8.count, "\(name): \(program)")
        }
    }

    private static let honestPolicy = """
        pratique: policy/v1
        name: honest
        version: "1"
        rules:
          - id: clean
            effect: admit
            when: { verdict: clean }
            message: Clean.
        """
}
