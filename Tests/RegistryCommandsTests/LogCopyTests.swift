import RegistryCommands
import StrictJSON
import StubRegistry
import Testing

@Suite("log save and show")
struct LogCopyTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    private func run(_ arguments: [String]) async -> Outcome {
        await securectl(["log"] + arguments + ["-o", "json"], environment: scratch.environment)
    }

    private var copy: String { "\(scratch.path)/copy" }

    @Test("A saved log verifies offline, by its remembered key or by its own")
    func offline() async throws {
        let log = try LogFixture(size: 600)
        try await StubServer.run(log.answer) { server in
            #expect(await run(["save", copy, "--server", server.address]).status == 0)
        }
        #expect(
            scratch.files(beneath: "copy") == [
                "checkpoint", "key", "tile/0/000", "tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2",
                "tile/entries/000", "tile/entries/001", "tile/entries/002.p/88",
            ])
        let remembered = await run(["verify", "--dir", copy, "--full"])
        #expect(remembered.status == 0)
        #expect(remembered.json?.asObject?["history"]?.asString == "same")
        #expect(remembered.json?.asObject?["entries_checked"]?.asNumber?.uint64 == 600)

        let stranger = try Scratch()
        let outcome = await securectl(["log", "verify", "--dir", copy], environment: stranger.environment)
        #expect(outcome.status == 0)
        #expect(stranger.files().isEmpty)
    }

    @Test("Saving again fetches only what is new")
    func incremental() async throws {
        let log = try LogFixture(size: 600)
        try await StubServer.run(log.answer) { server in
            #expect(await run(["save", copy, "--server", server.address]).status == 0)
            log.append(300)
            let before = server.requests.count
            #expect(await run(["save", copy, "--server", server.address]).status == 0)
            let fetched = server.requests.dropFirst(before).map(\.path)
            #expect(!fetched.contains("/log/tile/entries/000"))
            #expect(fetched.contains("/log/tile/entries/002"))
            #expect(await run(["verify", "--dir", copy, "--full"]).status == 0)
        }
    }

    @Test(
        "Every changed file of a copy is found",
        arguments: [
            "checkpoint", "tile/0/000", "tile/0/001.p/44", "tile/1/000.p/1", "tile/entries/000",
            "tile/entries/001.p/44",
        ])
    func tampered(name: String) async throws {
        let log = try LogFixture(size: 300)
        try await StubServer.run(log.answer) { server in
            #expect(await run(["save", copy, "--server", server.address]).status == 0)
        }
        var bytes = try #require(scratch.read("copy/\(name)"))
        bytes[bytes.count - 8] ^= 1
        try scratch.write("copy/\(name)", bytes)
        #expect(await run(["verify", "--dir", copy, "--full"]).status == 11)
    }

    @Test("A copy that lacks a file is not checked", arguments: ["tile/0/000", "tile/entries/001.p/44"])
    func incomplete(name: String) async throws {
        let log = try LogFixture(size: 300)
        try await StubServer.run(log.answer) { server in
            #expect(await run(["save", copy, "--server", server.address]).status == 0)
        }
        try scratch.remove("copy/\(name)")
        #expect(await run(["verify", "--dir", copy, "--full"]).status == 12)
    }

    @Test("A copy older than what is remembered is called old, not a rollback")
    func older() async throws {
        let log = try LogFixture(size: 300)
        try await StubServer.run(log.answer) { server in
            #expect(await run(["save", copy, "--server", server.address]).status == 0)
            log.append(1)
            #expect(await run(["verify", "--server", server.address]).status == 0)
        }
        let outcome = await securectl(["log", "verify", "--dir", copy], environment: scratch.environment)
        #expect(outcome.status == 12)
        #expect(outcome.out.contains("an older copy"))
    }

    @Test("Nothing of a rewritten log is saved over a good copy")
    func rewritten() async throws {
        let before = try LogFixture(size: 300)
        let after = try LogFixture(size: 400, prefix: "other")
        let isRewritten = Flag()
        try await StubServer.run { request in
            isRewritten.isSet ? after.answer(request) : before.answer(request)
        } _: { server in
            #expect(await run(["save", copy, "--server", server.address]).status == 0)
            isRewritten.set()
            #expect(await run(["save", copy, "--server", server.address]).status == 11)
        }
        #expect(await run(["verify", "--dir", copy, "--full"]).status == 0)
    }

    @Test("A save that broke off leaves no checkpoint, and goes on")
    func brokenOff() async throws {
        let log = try LogFixture(size: 5_000)
        try await StubServer.run(log.answer) { server in
            log.change { $0.tamper = { path, bytes in path.hasPrefix("tile/entries/017") ? nil : bytes } }
            #expect(await run(["save", copy, "--server", server.address]).status == 12)
            #expect(scratch.read("copy/checkpoint") == nil)
            #expect(scratch.read("copy/tile/entries/000") != nil)
            log.change { $0.tamper = { _, bytes in bytes } }
            #expect(await run(["save", copy, "--server", server.address]).status == 0)
        }
        #expect(await run(["verify", "--dir", copy, "--full"]).status == 0)
    }

    @Test("show gives the last entries, or those from an index, or those of a name")
    func show() async throws {
        let log = try LogFixture(size: 300)
        try await StubServer.run(log.answer) { server in
            func indexes(_ arguments: [String]) async -> [UInt64]? {
                let outcome = await run(["show", "--server", server.address] + arguments)
                return outcome.json?.asArray?.compactMap { $0.asObject?["index"]?.asNumber?.uint64 }
            }
            #expect(await indexes(["--limit", "2"]) == [298, 299])
            #expect(await indexes(["--from", "255", "--limit", "3"]) == [255, 256, 257])
            #expect(await indexes(["m1", "--limit", "3"]) == [1, 4, 7])
            #expect(await indexes(["--from", "300"]) == [])

            log.change { $0.tamper = { path, bytes in path.hasPrefix("tile/entries/") ? bytes.reversed() : bytes } }
            let tampered = await run(["show", "--server", server.address])
            #expect(tampered.status == 11)
        }
    }
}
