import RegistryCommands
import StubRegistry
import Testing

@Suite("Servers and tokens")
struct CredentialTests {
    let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Sendable private static func answer(_ request: StubRequest) -> StubAnswer {
        switch request.path {
        case "/health": StubAnswer(Sample.health())
        case "/v1/stats": request.headers["authorization"] == nil ? .refusal(401, "unauthorized") : StubAnswer("{}")
        default: StubAnswer("[]")
        }
    }

    private func authorizations(_ server: StubServer) -> [String?] {
        server.requests.map { $0.headers["authorization"] }
    }

    @Test("The option goes before the environment, for the address and for the token")
    func precedence() async throws {
        let first = try scratch.write("first", "token-one\n")
        let second = try scratch.write("second", "token-two\n")
        try await StubServer.run(Self.answer) { server in
            var environment = scratch.environment
            environment["REGISTRY_URL"] = "http://127.0.0.1:1"
            environment["SERVICE_TOKEN_PATH"] = second
            let outcome = await securectl(
                ["list", "--server", server.address, "--token-file", first], environment: environment)
            #expect(outcome.status == 0)
            environment["REGISTRY_URL"] = server.address
            #expect(await securectl(["list"], environment: environment).status == 0)
            #expect(authorizations(server) == ["Bearer token-one", "Bearer token-two"])
        }
    }

    @Test(
        "A token file that was named and cannot be used is a failure, not an anonymous request",
        arguments: [
            ("missing", nil, 66), ("empty", "", 78), ("two-lines", "a\nb\n", 78), ("binary", "a\u{7F}b", 78),
        ] as [(String, String?, Int32)])
    func badTokenFiles(name: String, content: String?, exit: Int32) async throws {
        if let content { try scratch.write(name, content) }
        let outcome = await securectl([
            "list", "--server", "http://127.0.0.1:1", "--token-file", "\(scratch.path)/\(name)",
        ])
        #expect(outcome.status == exit)
        #expect(!outcome.err.contains("a\u{7F}b"))
    }

    @Test("login stores address and path, never the token, and later commands use them")
    func login() async throws {
        let token = try scratch.write("token", "topsecret\n")
        try await StubServer.run(Self.answer) { server in
            let login = await securectl(
                ["login", "--server", server.address, "--token-file", "token"], environment: scratch.environment)
            #expect(login.status == 66)  // relative to where we run, not to where the token is
            let arguments = ["login", "--server", server.address, "--token-file", token]
            #expect(await securectl(arguments, environment: scratch.environment).status == 0)
            let stored = String(decoding: scratch.read(".config/pratique/login.json") ?? [], as: UTF8.self)
            #expect(stored.contains(token))
            #expect(!stored.contains("topsecret"))

            // Whoever sets the address to nothing, names none.
            for more in [[:], ["REGISTRY_URL": ""]] {
                let environment = scratch.environment.merging(more) { $1 }
                let asked = server.requests.count
                #expect(await securectl(["list"], environment: environment).status == 0)
                #expect(authorizations(server)[asked...].contains("Bearer topsecret"))
            }
        }
    }

    @Test("A stored token goes to its own registry only")
    func tokenOfAnother() async throws {
        let token = try scratch.write("token", "topsecret\n")
        try await StubServer.run(Self.answer) { home in
            let arguments = ["login", "--server", home.address, "--token-file", token]
            #expect(await securectl(arguments, environment: scratch.environment).status == 0)
            try await StubServer.run(Self.answer) { other in
                let outcome = await securectl(["list", "--server", other.address], environment: scratch.environment)
                #expect(outcome.status == 0)
                #expect(authorizations(other).allSatisfy { $0 != "Bearer topsecret" })
            }
        }
    }

    @Test("login remembers nothing that does not answer or refuses the token")
    func failedLogin() async throws {
        let token = try scratch.write("token", "wrong\n")
        try await StubServer.run { request in
            request.path == "/health" ? StubAnswer(Sample.health()) : .refusal(401, "unauthorized")
        } _: { server in
            let arguments = ["login", "--server", server.address, "--token-file", token]
            #expect(await securectl(arguments, environment: scratch.environment).status == 77)
            #expect(scratch.read(".config/pratique/login.json") == nil)
        }
    }

    @Test("A token does not leave the machine without TLS unless that is said")
    func plainHTTP() async throws {
        let token = try scratch.write("token", "topsecret\n")
        let arguments = ["list", "--server", "http://registry.invalid:1", "--token-file", token]
        let refused = await securectl(arguments)
        #expect(refused.status == 78)
        #expect(refused.err.contains("--plain-http"))
        #expect(await securectl(arguments + ["--plain-http"]).status == 69)
    }

    @Test("A damaged login is reported, not ignored")
    func damagedLogin() async throws {
        try scratch.write(".config/pratique/login.json", #"{"server":"http://127.0.0.1:1","server":"http://evil"}"#)
        #expect(await securectl(["list"], environment: scratch.environment).status == 78)
    }
}
