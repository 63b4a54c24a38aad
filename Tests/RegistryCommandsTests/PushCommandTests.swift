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

    @Test("The files of a directory become artifacts below the name; hidden files and links stay")
    func directory() async throws {
        try scratch.write("m/config.json", "{}")
        try scratch.write("m/weights/a.safetensors", "abc")
        try scratch.write("m/.git/config", "x")
        try scratch.write("m/.hidden", "x")
        try await StubServer.run(Self.answer) { server in
            let outcome = await securectl(["push", "\(scratch.path)/m/", "--as", "t/m", "--server", server.address])
            #expect(outcome.status == 0)
            #expect(
                server.requests.filter { $0.method == "PUT" }.map(\.path) == [
                    "/v1/model/t/m/config.json/content", "/v1/model/t/m/weights/a.safetensors/content",
                ])
            #expect(outcome.err.contains("left out: .git/config"))
            #expect(outcome.err.contains("left out: .hidden"))
        }
    }

    @Test("Names are checked before the first byte is sent")
    func badNames() async throws {
        try scratch.write("m/a.json", "{}")
        try scratch.write("m/with space.json", "{}")
        let file = try scratch.write("with space.gguf", "x")
        try await StubServer.run(Self.answer) { server in
            #expect(
                await securectl(["push", "\(scratch.path)/m", "--as", "m", "--server", server.address]).status == 64)
            #expect(await securectl(["push", "\(scratch.path)/m", "--server", server.address]).status == 64)
            #expect(await securectl(["push", file, "--server", server.address]).status == 64)
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
