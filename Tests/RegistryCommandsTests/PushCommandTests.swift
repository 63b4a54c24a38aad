import RegistryCommands
import StubRegistry
import Testing

@Suite("push")
struct PushCommandTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    /// A registry that takes every upload for what it claims to be.
    @Sendable private static func answer(_ request: StubRequest) -> StubAnswer {
        if request.method == "HEAD" { return StubAnswer(404) }
        let name = request.path.dropFirst("/v1/model/".count).dropLast("/content".count)
        return StubAnswer(201, Sample.artifact(String(name), state: "acquired", sha256: request.query["sha256"] ?? ""))
    }

    @Test("A file is sent under its own name, or another")
    func file() async throws {
        let path = try scratch.write("model.gguf", "abc")
        try await StubServer.run(Self.answer) { server in
            #expect(await securectl(["push", path, "--server", server.address]).status == 0)
            #expect(await securectl(["push", path, "--as", "t/b", "--server", server.address]).status == 0)
            let puts = server.requests.filter { $0.method == "PUT" }
            #expect(puts.map(\.path) == ["/v1/model/model.gguf/content", "/v1/model/t/b/content"])
            #expect(puts.map(\.body) == [Array("abc".utf8), Array("abc".utf8)])
            #expect(puts[0].query["sha256"] == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
            #expect(puts[0].query["filename"] == "model.gguf")
        }
    }

    /// A registry that takes every file of a set, and makes of the set what was announced.
    @Sendable private static func answerSet(_ request: StubRequest) -> StubAnswer {
        if request.method == "HEAD" { return StubAnswer(404) }
        if request.method == "PUT" {
            let sha256 = request.query["sha256"] ?? ""
            return StubAnswer(201, #"{"filename":"x","sha256":"\#(sha256)","size_bytes":\#(request.body.count)}"#)
        }
        return StubAnswer(201, Sample.artifact("t/m", state: "acquired", sha256: listing))
    }

    /// Of config.json with `{}` and weights/a.safetensors with `abc`, as coreutils make it.
    private static let listing = "5673364fcca9dabf020f6dbaa8f9d399c64610585fa08593ce47b52aa6dfd7d6"

    @Test("The files of a directory are sent one by one, then named in one request; .git and .cache stay")
    func directory() async throws {
        try scratch.write("m/config.json", "{}")
        try scratch.write("m/weights/a.safetensors", "abc")
        try scratch.write("m/.git/config", "x")
        try scratch.write("m/weights/.cache/y", "x")
        try await StubServer.run(Self.answerSet) { server in
            let outcome = await securectl([
                "push", "\(scratch.path)/m/", "--as", "t/m", "--source", "s", "--server", server.address,
            ])
            #expect(outcome.status == 0, "\(outcome.err)")
            let puts = server.requests.filter { $0.method == "PUT" }
            #expect(puts.allSatisfy { $0.path == "/v1/model/t/m/content" && $0.query["set"] == "true" })
            #expect(Set(puts.compactMap { $0.query["filename"] }) == ["config.json", "weights%2Fa.safetensors"])
            let last = try #require(server.requests.last)
            #expect(last.path == "/v1/model/acquire")
            let body = String(decoding: last.body, as: UTF8.self)
            #expect(body.contains(#""filename":"m","files":[{"filename":"config.json""#), "\(body)")
            #expect(body.contains(#""sha256":"\#(Self.listing)""#))
            #expect(body.contains(#""source":"s""#))
            #expect(!body.contains("cache"))
            #expect(outcome.err.contains("left out: .git"))
            #expect(outcome.err.contains("left out: weights/.cache"))
        }
    }

    @Test("Files that the registry has are not sent")
    func present() async throws {
        try scratch.write("m/config.json", "{}")
        try scratch.write("m/weights/a.safetensors", "abc")
        try await StubServer.run { request in
            request.method == "HEAD" ? StubAnswer(200) : Self.answerSet(request)
        } _: { server in
            let outcome = await securectl(["push", "\(scratch.path)/m", "--as", "t/m", "--server", server.address])
            #expect(outcome.status == 0, "\(outcome.err)")
            #expect(server.requests.map(\.method) == ["HEAD", "HEAD", "POST"])
        }
    }

    @Test("A set of which the registry made something else is found out")
    func otherSet() async throws {
        try scratch.write("m/config.json", "{ }")
        try await StubServer.run(Self.answerSet) { server in
            #expect(
                await securectl(["push", "\(scratch.path)/m", "--as", "t/m", "--server", server.address]).status == 11)
        }
    }

    @Test("Directories that cannot be one artifact are refused before the first byte is sent")
    func badDirectories() async throws {
        try scratch.write("m/a.json", "{}")
        try scratch.write("control/a\u{7F}b", "{}")
        try scratch.write("empty/.git/config", "x")
        let file = try scratch.write("with space.gguf", "x")
        try await StubServer.run(Self.answerSet) { server in
            for (arguments, status) in [
                (["\(scratch.path)/m"], 64), ([file], 64), (["\(scratch.path)/control", "--as", "m"], 65),
                (["\(scratch.path)/empty", "--as", "m"], 66),
            ] as [([String], Int32)] {
                #expect(await securectl(["push"] + arguments + ["--server", server.address]).status == status)
            }
            #expect(server.requests.isEmpty)
        }
    }

    @Test("A registry that stored other bytes is found out")
    func otherBytes() async throws {
        let path = try scratch.write("a.gguf", "abc")
        try await StubServer.run { request in
            request.method == "HEAD" ? StubAnswer(404) : StubAnswer(201, Sample.artifact("a.gguf"))
        } _: { server in
            #expect(await securectl(["push", path, "--server", server.address]).status == 11)
        }
    }

    @Test("With --promote the same bytes are asked to be trusted")
    func promote() async throws {
        let path = try scratch.write("a.gguf", "abc")
        try await StubServer.run { request in
            request.path == "/v1/model/promote"
                ? .refusal(422, "policy_refused", detail: #"{"reasons":["no"]}"#) : Self.answer(request)
        } _: { server in
            #expect(await securectl(["push", path, "--promote", "--server", server.address]).status == 10)
            let body = String(decoding: server.requests.last?.body ?? [], as: UTF8.self)
            #expect(body.contains("ba7816bf8f01cfea"))
        }
    }

    @Test("Progress is drawn on a terminal only")
    func progress() async throws {
        let path = try scratch.write("a.gguf", [UInt8](repeating: 1, count: 3_000_000))
        try await StubServer.run(Self.answer) { server in
            let terminal = await securectl(["push", path, "--server", server.address], progressWidth: 80)
            #expect(terminal.err.contains("sending a.gguf"))
            let quiet = await securectl(["push", path, "-q", "--server", server.address], progressWidth: 80)
            #expect(quiet.err.isEmpty)
            let piped = await securectl(["push", path, "--server", server.address])
            #expect(piped.err.isEmpty)
        }
    }

    @Test("What cannot be read is not sent", arguments: ["missing.gguf", "/dev/null"])
    func unreadable(name: String) async throws {
        let path = name.hasPrefix("/") ? name : "\(scratch.path)/\(name)"
        #expect(await securectl(["push", path, "--as", "a", "--server", "http://127.0.0.1:1"]).status == 66)
    }
}
