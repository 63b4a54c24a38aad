import LinuxFiles
import RegistryCommands
import StrictJSON
import StubRegistry
import Testing
import TransparencyLog

@Suite("log verify")
struct LogVerifyTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func verify(_ server: StubServer, _ options: [String] = []) async -> Outcome {
        await securectl(
            ["log", "verify", "--server", server.address, "-o", "json"] + options, environment: scratch.environment)
    }

    private func history(_ outcome: Outcome) -> String? {
        outcome.json?.asObject?["history"]?.asString
    }

    private func checked(_ outcome: Outcome) -> UInt64? {
        outcome.json?.asObject?["entries_checked"]?.asNumber?.uint64
    }

    /// Whether the file of what is remembered is named, and what may be done with it.
    private func namesMemory(_ outcome: Outcome) -> Bool {
        let logs = ".local/state/pratique/logs"
        guard let name = scratch.files(beneath: logs).first(where: { $0.hasSuffix(".json") }) else { return false }
        return outcome.err.contains("\(scratch.path)/\(logs)/\(name)") && outcome.err.contains("made anew")
    }

    @Test("A log is seen first, then the same, then grown; only what is new is read again")
    func honest() async throws {
        let log = try LogFixture(size: 300)
        try await StubServer.run(log.answer) { server in
            let first = await verify(server)
            #expect(first.status == 0)
            #expect(history(first) == "first")
            #expect(checked(first) == 300)

            let same = await verify(server)
            #expect(history(same) == "same")
            #expect(checked(same) == 0)

            log.append(700)
            let grown = await verify(server)
            #expect(grown.status == 0)
            #expect(history(grown) == "grown")
            #expect(checked(grown) == 700)

            #expect(checked(await verify(server, ["--full"])) == 1_000)
            #expect(checked(await verify(server, ["--checkpoint-only"])) == 0)
        }
    }

    @Test("A rollback is said loudly, and the memory keeps the larger tree")
    func rolledBack() async throws {
        let log = try LogFixture(size: 300)
        try await StubServer.run(log.answer) { server in
            _ = await verify(server)
            log.change { $0.size = 299 }
            for _ in 0..<2 {
                let outcome = await verify(server)
                #expect(outcome.status == 11)
                #expect(history(outcome) == "rolled_back")
            }
            let table = await securectl(
                ["log", "verify", "--server", server.address], environment: scratch.environment)
            #expect(table.out.contains("HISTORY WAS ROLLED BACK"))
            #expect(namesMemory(table))
            log.change { $0.size = nil }
            #expect(await verify(server).status == 0)
        }
    }

    @Test("A log that has no checkpoint any more is a rollback; one that never had is not checked")
    func emptied() async throws {
        let log = try LogFixture(size: 3)
        try await StubServer.run(log.answer) { server in
            log.change { $0.isEmpty = true }
            #expect(await verify(server).status == 12)
            log.change { $0.isEmpty = false }
            #expect(await verify(server).status == 0)
            log.change { $0.isEmpty = true }
            let outcome = await verify(server)
            #expect(outcome.status == 11)
            #expect(outcome.err.contains("HISTORY IS GONE"))
            #expect(namesMemory(outcome))
        }
    }

    @Test(
        "A rewritten past is found at every size, and both checkpoints are kept", arguments: [200, 255, 256, 257, 512])
    func rewritten(size: Int) async throws {
        let before = try LogFixture(size: size)
        let after = try LogFixture(size: 100)
        after.append(900, prefix: "other")
        let isRewritten = Flag()
        try await StubServer.run { request in
            isRewritten.isSet ? after.answer(request) : before.answer(request)
        } _: { server in
            #expect(await verify(server).status == 0)
            isRewritten.set()
            let outcome = await verify(server)
            #expect(outcome.status == 11)
            #expect(history(outcome) == "rewritten")
            #expect(outcome.json?.asObject?["remembered_root"] != outcome.json?.asObject?["offered_root"])
            let kept = scratch.files(beneath: ".local/state/pratique/logs")
            #expect(kept.contains { $0.contains(".contradiction") })
            // And again: the memory did not move.
            #expect(await verify(server).status == 11)
        }
    }

    @Test("Two roots for one size are a rewritten history")
    func forked() async throws {
        let before = try LogFixture(size: 50)
        let after = try LogFixture(size: 50, prefix: "other")
        let isRewritten = Flag()
        try await StubServer.run { request in
            isRewritten.isSet ? after.answer(request) : before.answer(request)
        } _: { server in
            #expect(await verify(server).status == 0)
            isRewritten.set()
            #expect(history(await verify(server)) == "rewritten")
        }
    }

    @Test(
        "A changed entry, hash or signature is found",
        arguments: [
            "tile/entries/000", "tile/entries/001.p/44", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1",
            "checkpoint",
        ])
    func tampered(path: String) async throws {
        let log = try LogFixture(size: 300)
        try await StubServer.run(log.answer) { server in
            log.change { content in
                content.tamper = { requested, bytes in
                    guard requested == path else { return bytes }
                    var changed = bytes
                    changed[bytes.count - 8] ^= 1
                    return changed
                }
            }
            let outcome = await verify(server)
            #expect(outcome.status == 11)
            #expect(scratch.files(beneath: ".local/state").isEmpty)
        }
    }

    @Test(
        "A log that withholds a part cannot be checked",
        arguments: [
            "tile/entries/000", "tile/0/000", "tile/1/000.p/1",
        ])
    func withheld(path: String) async throws {
        let log = try LogFixture(size: 300)
        try await StubServer.run(log.answer) { server in
            log.change { $0.tamper = { requested, bytes in requested == path ? nil : bytes } }
            let outcome = await verify(server)
            #expect(outcome.status == 12)
            #expect(outcome.err.contains(path))
        }
    }

    @Test("A given key must be the log's, and stays the one that counts")
    func keys() async throws {
        let log = try LogFixture(size: 10)
        let stranger = try LogFixture(size: 10, seed: 9)
        try await StubServer.run(log.answer) { server in
            #expect(await verify(server, ["--key", "nonsense"]).status == 64)
            #expect(await verify(server, ["--key", stranger.vkey]).status == 11)
            #expect(await verify(server, ["--key", log.vkey]).status == 0)
            #expect(await verify(server, ["--key", stranger.vkey]).status == 11)
            // The log now states another key; the remembered one still counts.
            log.change { $0.statedKey = stranger.vkey }
            #expect(await verify(server).status == 0)
        }
        try await StubServer.run(stranger.answer) { server in
            // Another address: nothing is remembered of it, and it states its own key.
            #expect(await verify(server).status == 0)
        }
    }

    @Test("A log that changes its key without being asked is refused")
    func replacedKey() async throws {
        let log = try LogFixture(size: 10)
        let stranger = try LogFixture(size: 20, seed: 9)
        let isReplaced = Flag()
        try await StubServer.run { request in
            isReplaced.isSet ? stranger.answer(request) : log.answer(request)
        } _: { server in
            #expect(await verify(server).status == 0)
            isReplaced.set()
            let outcome = await verify(server)
            #expect(outcome.status == 11)
            #expect(outcome.err.contains("not signed by the key"))
            #expect(namesMemory(outcome))
        }
    }

    @Test("A checkpoint that cannot be read is described in words", arguments: ["no signature", "cut signature"])
    func malformed(how: String) async throws {
        let log = try LogFixture(size: 10)
        try await StubServer.run(log.answer) { server in
            #expect(await verify(server).status == 0)
            log.change { content in
                content.tamper = { path, bytes in
                    guard path == "checkpoint" else { return bytes }
                    let text = String(decoding: bytes, as: UTF8.self).prefix { $0 != "\u{2014}" }
                    return Array((text + (how == "no signature" ? "" : "\u{2014} x y\n")).utf8)
                }
            }
            let outcome = await verify(server)
            #expect(outcome.status == 11)
            #expect(outcome.err.contains("The checkpoint is malformed: "))
            #expect(outcome.err.contains("signature line"), "\(outcome.err)")
            #expect(!outcome.err.contains("("), "\(outcome.err)")
            #expect(namesMemory(outcome))
        }
    }

    @Test("Another log under the same address is refused")
    func otherOrigin() async throws {
        let log = try LogFixture(size: 10)
        let origin = try #require(LogOrigin("registry.example/another"))
        try await StubServer.run(log.answer) { server in
            #expect(await verify(server).status == 0)
            log.change { $0.origin = origin }
            #expect(await verify(server).status == 11)
        }
    }

    @Test("What cannot be remembered is not proven: a lock that cannot be had is said", arguments: ["folder", "link"])
    func unusableLock(kind: String) async throws {
        let log = try LogFixture(size: 10)
        let logs = ".local/state/pratique/logs"
        if kind == "folder" {
            try scratch.write("\(logs)/lock/file", [])
        } else {
            try scratch.write("\(logs)/other", [])
            #expect(symlinked("other", "\(scratch.path)/\(logs)/lock"))
        }
        try await StubServer.run(log.answer) { server in
            for _ in 0..<2 {
                let outcome = await verify(server)
                #expect(outcome.status != 0)
                #expect(outcome.err.contains("lock"))
            }
        }
    }

    @Test("A lock that another run holds is no fault")
    func heldLock() async throws {
        let log = try LogFixture(size: 10)
        let logs = ".local/state/pratique/logs"
        try scratch.write("\(logs)/lock", [])
        let lock = try DirectoryLock.acquire("lock", in: Directory(path: "\(scratch.path)/\(logs)"))
        try await StubServer.run(log.answer) { server in #expect(await verify(server).status == 0) }
        lock.release()
    }

    @Test("A damaged memory is reported, never taken for none")
    func damagedMemory() async throws {
        let log = try LogFixture(size: 10)
        try await StubServer.run(log.answer) { server in
            #expect(await verify(server).status == 0)
            let name = try #require(
                scratch.files(beneath: ".local/state/pratique/logs").first { $0.hasSuffix(".json") })
            let path = ".local/state/pratique/logs/\(name)"
            var bytes = try #require(scratch.read(path))
            bytes[bytes.count / 2] ^= 1
            try scratch.write(path, bytes)
            #expect(await verify(server).status == 78)
        }
    }

    @Test("The memory stands beneath XDG_STATE_HOME where that is set")
    func stateHome() async throws {
        let log = try LogFixture(size: 10)
        try await StubServer.run(log.answer) { server in
            var environment = scratch.environment
            environment["XDG_STATE_HOME"] = "\(scratch.path)/elsewhere/state"
            let outcome = await securectl(["log", "verify", "--server", server.address], environment: environment)
            #expect(outcome.status == 0)
            #expect(scratch.files(beneath: "elsewhere/state/pratique/logs").contains { $0.hasSuffix(".json") })
        }
    }
}
