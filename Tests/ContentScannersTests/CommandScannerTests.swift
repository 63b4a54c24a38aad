import ContentScanners
import FileTestSupport
import Foundation
import Glibc
import LinuxFiles
import RegistryPorts
import Testing

@Suite("Scanners that are programs")
struct CommandScannerTests {
    private static let clean = #"printf '{"version":1,"verdict":"clean"}'"#

    private static func scanner(
        _ script: String, timeoutSeconds: UInt64 = 60, fileBytesMax: UInt64 = 1 << 20, rulesPaths: [String] = []
    ) -> CommandScanner {
        CommandScanner(
            CommandScanner.Configuration(
                name: "own", program: "/bin/sh", arguments: ["-c", script, "scan", CommandScanner.placeholder],
                versionArguments: ["-c", "echo version 7; echo more"], answer: .json, rulesPaths: rulesPaths,
                timeoutSeconds: timeoutSeconds, memoryBytes: 1 << 28, fileBytesMax: fileBytesMax),
            pool: BlockingPool(threadsMax: 2, waitingMax: 16))
    }

    private static func scan(
        _ script: String, _ content: String = "hello", parts: [Range<UInt64>]? = nil, timeoutSeconds: UInt64 = 60,
        fileBytesMax: UInt64 = 1 << 20
    ) async throws -> ScanOutcome {
        let scanner = scanner(script, timeoutSeconds: timeoutSeconds, fileBytesMax: fileBytesMax)
        return await scanner.scan(try ScratchFile(content), name: "a.bin", parts: parts)
    }

    private static func says(_ json: String) async throws -> ScanOutcome {
        try await scan("cat <<'END'\n\(json)\nEND")
    }

    private static func isFailure(_ outcome: ScanOutcome) -> Bool {
        if case .failed = outcome { true } else { false }
    }

    @Test("An answer by the contract is believed as far as it makes things worse")
    func answers() async throws {
        #expect(try await Self.says(#"{"version":1,"verdict":"clean"}"#) == .completed([], withTensors: true))
        let suspicious =
            #"{"version":1,"verdict":"suspicious","findings":[{"title":"T","verdict":"suspicious","detail":"d"}]}"#
        #expect(
            try await Self.says(suspicious)
                == .completed([ScanFinding(isThreat: false, title: "T", detail: "d")], withTensors: true))
        // What it says of the whole counts, even if it names something less, or nothing.
        let worse = #"{"version":1,"verdict":"malicious","findings":[{"title":"T","verdict":"suspicious"}]}"#
        #expect(
            try await Self.says(worse)
                == .completed(
                    [ScanFinding(isThreat: false, title: "T"), ScanFinding(isThreat: true, title: "malicious")],
                    withTensors: true))
        // And what it names counts, whatever it says of the whole.
        let named = #"{"version":1,"verdict":"clean","findings":[{"title":"a\u0007b","verdict":"malicious"}]}"#
        #expect(
            try await Self.says(named)
                == .completed([ScanFinding(isThreat: true, title: "a\u{FFFD}b")], withTensors: true))
    }

    @Test(
        "Everything else is no answer",
        arguments: [
            "", "clean", "{}", #"{"version":2,"verdict":"clean"}"#, #"{"version":1,"verdict":"fine"}"#,
            #"{"version":1,"verdict":"clean","verdict":"malicious"}"#, #"{"version":1,"verdict":"clean"} {}"#,
            #"{"version":1,"verdict":"clean","extra":1}"#, #"{"version":1,"verdict":"clean","findings":[1]}"#,
            #"{"version":1,"verdict":"clean","findings":[{"title":"T"}]}"#,
        ])
    func garbage(answer: String) async throws {
        #expect(Self.isFailure(try await Self.says(answer)))
    }

    @Test("A program that fails, is not there, takes too long or says too much gives no answer")
    func failures() async throws {
        #expect(Self.isFailure(try await Self.scan("\(Self.clean); exit 3")))
        #expect(Self.isFailure(try await Self.scan("\(Self.clean); kill -9 $$")))
        #expect(Self.isFailure(try await Self.scan("exec tail -f /dev/null", timeoutSeconds: 1)))
        #expect(Self.isFailure(try await Self.scan("\(Self.clean); exec tail -f /dev/null >&-", timeoutSeconds: 1)))
        #expect(Self.isFailure(try await Self.scan("yes")))
        let absent = CommandScanner(
            CommandScanner.Configuration(
                name: "absent", program: "/nowhere/scan", arguments: [], versionArguments: [], answer: .json,
                rulesPaths: [], timeoutSeconds: 5, memoryBytes: 1 << 28, fileBytesMax: 1 << 20),
            pool: BlockingPool(threadsMax: 1, waitingMax: 1))
        #expect(Self.isFailure(await absent.scan(try ScratchFile("x"), name: "x", parts: nil)))
        #expect(await absent.identity() == nil)
    }

    @Test("The file is its standard input, and its argument a path of the same")
    func input() async throws {
        for reading in ["cat", "cat \"$1\"", "cat < \"$1\""] {
            let script = "test \"$(\(reading))\" = hello && \(Self.clean)"
            #expect(try await Self.scan(script) == .completed([], withTensors: true))
        }
    }

    @Test("It has an empty environment, no other descriptor, no directory of ours, and may write nothing")
    func confinement() async throws {
        let scratch = try ScratchDirectory()
        let conditions = [
            "test -z \"$(tr -d '\\0' < /proc/$$/environ)\"",
            "test -z \"$(readlink /proc/$$/fd/* | grep -v -e ^pipe: -e '^/dev/null$' -e '/file$')\"",
            "test \"$(pwd)\" = /",
            "! (echo x > \(scratch.path)/written) 2> /dev/null",
            "grep -q 'NoNewPrivs:.1' /proc/$$/status",
            "! (ulimit -c unlimited) 2> /dev/null || test $(ulimit -c) = 0",
            "test \"$(ulimit -v)\" -lt 300000",
        ]
        for condition in conditions {
            let outcome = try await Self.scan("\(condition) && \(Self.clean)")
            #expect(outcome == .completed([], withTensors: true), "\(condition)")
        }
        let written = (try? Data(contentsOf: URL(fileURLWithPath: "\(scratch.path)/written"))) ?? Data()
        #expect(written.isEmpty)
    }

    @Test("It has no network where the kernel lets us take it away", .enabled(if: geteuid() == 0))
    func network() async throws {
        let script = "test \"$(grep -c : /proc/net/dev)\" = 1 && \(Self.clean)"
        #expect(try await Self.scan(script) == .completed([], withTensors: true))
    }

    @Test("A file that is too large is given without its tensors, or not at all")
    func tooLarge() async throws {
        let content = "head" + String(repeating: "T", count: 100) + "tail"
        let isParts = "test \"$(cat \"$1\")\" = headtail && \(Self.clean)"
        let parts: [Range<UInt64>] = [0..<4, 104..<108]
        #expect(
            try await Self.scan(isParts, content, parts: parts, fileBytesMax: 50)
                == .completed([], withTensors: false))
        for parts in [nil, [0..<60 as Range<UInt64>]] {
            guard case .notScanned = try await Self.scan(Self.clean, content, parts: parts, fileBytesMax: 50) else {
                Issue.record("It was scanned")
                continue
            }
        }
        #expect(try await Self.scan(Self.clean, content, parts: parts) == .completed([], withTensors: true))
    }

    @Test("It is known by its version, its program and its rules")
    func identity() async throws {
        let scratch = try ScratchDirectory()
        let rules = "\(scratch.path)/rules"
        try Data("one".utf8).write(to: URL(fileURLWithPath: rules))
        let first = try #require(await Self.scanner(Self.clean, rulesPaths: [rules]).identity())
        #expect(first.version == "version 7")
        #expect(first.rules.hasPrefix("sha256:"))
        try Data("three".utf8).write(to: URL(fileURLWithPath: rules))
        let second = try #require(await Self.scanner(Self.clean, rulesPaths: [rules]).identity())
        #expect(second.rules != first.rules)
        #expect(await Self.scanner(Self.clean, rulesPaths: ["\(rules).absent"]).identity() == nil)
    }
}

@Suite("YARA", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/yara")))
struct YaraTests {
    private static func scanner(_ rules: String, isThreat: Bool = true) -> CommandScanner {
        CommandScanner(
            CommandScanner.Configuration(
                name: "yara", program: "/usr/bin/yara",
                arguments: ["--no-warnings", rules, CommandScanner.placeholder],
                versionArguments: ["--version"], answer: .yara(isThreat: isThreat), rulesPaths: [rules],
                timeoutSeconds: 60, memoryBytes: 1 << 29, fileBytesMax: 1 << 20),
            pool: BlockingPool(threadsMax: 1, waitingMax: 4))
    }

    @Test("Rules that match are findings; rules that do not compile are no answer")
    func matches() async throws {
        let scratch = try ScratchDirectory()
        let rules = "\(scratch.path)/rules.yar"
        func write(_ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: rules)) }
        try write("rule Bad { strings: $a = \"EVIL\" condition: $a } rule Any { condition: filesize > 100 }")
        let bad = try ScratchFile("an EVIL file")
        #expect(
            await Self.scanner(rules).scan(bad, name: "x", parts: nil)
                == .completed([ScanFinding(isThreat: true, title: "Bad")], withTensors: true))
        #expect(
            await Self.scanner(rules, isThreat: false).scan(bad, name: "x", parts: nil)
                == .completed([ScanFinding(isThreat: false, title: "Bad")], withTensors: true))
        #expect(
            await Self.scanner(rules).scan(try ScratchFile("a good file"), name: "x", parts: nil)
                == .completed([], withTensors: true))
        #expect(await Self.scanner(rules).identity()?.version.isEmpty == false)
        try write("rule Broken {")
        guard case .failed = await Self.scanner(rules).scan(bad, name: "x", parts: nil) else {
            Issue.record("It gave an answer")
            return
        }
    }
}
