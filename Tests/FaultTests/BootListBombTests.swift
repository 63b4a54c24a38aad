import Foundation
import ServerFixture
import Testing

@Suite("Bombs in the files that an empty registry begins with")
struct BootListBombTests {
    private static func list(_ entries: some Sequence<String>) -> String {
        "version: 1\nmodels:\n" + entries.map { "  - \($0)\n" }.joined()
    }

    /// Lists that make careless readers slow, large or wrong. Each keeps the server from starting.
    private static let bombs: [(name: String, text: String)] = {
        let laughs =
            "a0: &a0 [x,x,x,x,x,x,x,x,x]\n"
            + (1..<10).map { level in
                "a\(level): &a\(level) [" + Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ",") + "]\n"
            }.joined()
        return [
            ("billion laughs", laughs + list([])), ("alias", list(["&x { name: a }", "*x"])),
            ("merge", list(["{ <<: { name: a }, filename: a }"])), ("tag", list(["!!python/object:os.system ls"])),
            ("depth", list([String(repeating: "[", count: 100_000)])),
            ("block depth", "version: 1\nmodels:\n" + String(repeating: "- ", count: 100_000)),
            ("huge key", "? " + String(repeating: "a", count: 8 << 20) + "\n: 1\n"),
            ("huge scalar", list(["{ name: \(String(repeating: "a", count: 8 << 20)) }"])),
            ("two documents", list([]) + "---\n" + list([])), ("duplicates", list([]) + "models: []\n"),
            ("no list", "version: 1\n"), ("another version", "version: 2\nmodels: []\n"), ("a word", "models"),
            ("zero bytes", String(repeating: "\0", count: 4 << 20)), ("anchor", list(["&a { name: a }"])),
        ]
    }()

    @Test("A list that is a bomb keeps the server from starting, soon and in little memory")
    func refused() async throws {
        for (name, text) in Self.bombs {
            let home = try RegistryHome()
            try Data(text.utf8).write(to: URL(fileURLWithPath: home.lockPath))
            let start = ContinuousClock.now
            let fault = await #expect(throws: StartFault.self, "\(name)") { try await Self.start(home) }
            let took = start.duration(to: .now)
            // A limit of memory that is exceeded, and a trap, end it with a signal.
            guard case .exited(let status) = fault?.status else {
                Issue.record("\(name): \(fault.map { "\($0)" } ?? "started")")
                continue
            }
            #expect(status != 0, "\(name)")
            #expect(took < .seconds(10), "\(name) took \(took)")
            #expect(fault?.log.contains(home.path) == false, "\(name): \(fault?.log ?? "")")
        }
    }

    @Test("Entries that are bombs are left out, each by itself, and the others are read")
    func skipped() async throws {
        let home = try RegistryHome()
        let bytes = ModelFiles.gguf(1)
        let digest = try home.write(bytes, as: "in/good.gguf")
        try home.write([UInt8](repeating: 0x80, count: 1 << 20), as: "in/bad.gguf")
        let entries = [
            "{ name: good, filename: in/good.gguf, sha256: \(digest) }",
            "{ name: \"../../etc\", filename: in/good.gguf, sha256: \(digest) }",
            "{ name: outside, filename: ../token, sha256: \(digest) }",
            "{ name: absolute, filename: /etc/passwd, sha256: \(digest) }",
            "{ name: other, filename: in/bad.gguf, sha256: \(String(repeating: "a", count: 64)) }",
            "{ name: size, filename: in/good.gguf, sha256: \(digest), size_bytes: 99999999999999999999999 }",
            "{ name: negative, filename: in/good.gguf, sha256: \(digest), size_bytes: -1 }",
            "{ name: deep, filename: in/good.gguf, sha256: \(digest), "
                + "scan_results: \(String(repeating: "[", count: 40))\(String(repeating: "]", count: 40)) }",
            "{ name: digest, filename: in/good.gguf, sha256: sha256:\(digest.uppercased()) }",
        ]
        try Data(Self.list(entries).utf8).write(to: URL(fileURLWithPath: home.lockPath))
        try await serverPermits.with {
            let registry = try await Self.start(home)
            #expect(try await registry.path(of: "good").status == 200)
            for name in ["etc", "outside", "absolute", "other", "size", "negative"] {
                #expect(try await registry.path(of: name).status != 200, "\(name)")
            }
            #expect(try await registry.stop() == .exited(0))
        }
        try await home.requireClean()
    }

    /// Starts the server with no more than 256 MiB of data to itself.
    private static func start(_ home: RegistryHome) async throws -> RunningRegistry {
        try await RunningRegistry(home, runBy: ["/usr/bin/prlimit", "--data=\(256 << 20)"])
    }
}
