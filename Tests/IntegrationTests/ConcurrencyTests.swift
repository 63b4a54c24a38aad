import ServerFixture
import StrictJSON
import Testing

@Suite("Many at once")
struct ConcurrencyTests {
    private static let clients = 64

    /// Sends the same request from so many clients at the same moment.
    private func race(_ request: HTTPRequest, at registry: RunningRegistry) async throws -> [HTTPResponse] {
        try await registry.sendAll(Array(repeating: request, count: Self.clients), over: Self.clients)
    }

    @Test("Of 64 clients that promote one name, one admission stands and nobody is told anything else")
    func promote() async throws {
        try await withRegistry { registry in
            for round in 0..<10 {
                let name = "m\(round)"
                try await registry.takeIn(name, ModelFiles.gguf(round))
                let answers = try await race(.post("/v1/model/promote", ["name": .string(name)]), at: registry)
                for answer in answers {
                    #expect(answer.status == 201 || answer.code == "concurrent_change", "\(answer)")
                    if answer.status == 201 { #expect(answer["state"] == "trusted") }
                }
                #expect(answers.contains { $0.status == 201 })
                #expect(try await registry.kinds(of: name) == ["acquired", "quarantined", "inspected", "promoted"])
                expect(try await registry.path(of: name), 200)
            }
        }
    }

    @Test("Of 64 clients that saw the same version, exactly one promotes it")
    func promoteSeen() async throws {
        try await withRegistry { registry in
            for round in 0..<10 {
                let name = "m\(round)"
                try await registry.takeIn(name, ModelFiles.gguf(round))
                let seen = try #require(try await registry.get("/v1/model/\(name)")[header: "etag"])
                var request = HTTPRequest.post("/v1/model/promote", ["name": .string(name)])
                request.headers.append(("If-Match", seen))
                let answers = try await race(request, at: registry)
                #expect(answers.count { $0.status == 201 } == 1)
                let refusals: Set = ["precondition_failed", "concurrent_change"]
                #expect(answers.count { refusals.contains($0.code ?? "") } == Self.clients - 1)
                #expect(try await registry.kinds(of: name).count { $0 == "promoted" } == 1)
            }
        }
    }

    @Test("Of 64 clients that acquire one file, one makes the artifact and all are given it")
    func acquire() async throws {
        try await withRegistry { registry in
            for round in 0..<5 {
                let name = "m\(round)"
                let sha256 = try registry.home.write(ModelFiles.gguf(round), as: name)
                let request = HTTPRequest.post(
                    "/v1/model/acquire",
                    ["name": .string(name), "filename": .string(name), "sha256": .string(sha256)])
                let answers = try await race(request, at: registry)
                #expect(answers.count { $0.status == 201 } == 1)
                #expect(answers.count { $0.status == 200 } == Self.clients - 1, "\(answers.filter { $0.status > 201 })")
                #expect(try await registry.kinds(of: name) == ["acquired"])
            }
        }
    }

    @Test("Of 64 clients that revoke one name, one does it and all are told that it is done")
    func revoke() async throws {
        try await withRegistry { registry in
            for round in 0..<5 {
                let name = "m\(round)"
                try await registry.admit(name, ModelFiles.gguf(round))
                let answers = try await race(.post("/v1/model/revoke?name=\(name)"), at: registry)
                #expect(answers.count { $0["status"] == "revoked" } == 1)
                #expect(answers.count { $0["status"] == "already_revoked" } == Self.clients - 1)
                #expect(try await registry.kinds(of: name).count { $0 == "revoked" } == 1)
                expect(try await registry.path(of: name), 403, "not_trusted")
            }
        }
    }

    @Test("Whatever many clients do to a few names at once, every name's history is a legal one and none is lost")
    func mixture() async throws {
        try await withRegistry { registry in
            let names = (0..<6).map { "m\($0)" }
            for (number, name) in names.enumerated() { try await registry.takeIn(name, ModelFiles.gguf(number)) }
            let requests = (0..<600).map { number -> HTTPRequest in
                let name = names[number &* 7 % names.count]
                switch number &* 31 % 11 {
                case 0...3: return .post("/v1/promote", ["name": .string(name)])
                case 4, 5: return .post("/v1/model/quarantine?name=\(name)")
                case 6, 7: return .post("/v1/model/revoke?name=\(name)")
                case 8: return .post("/v1/model/verify?name=\(name)")
                default: return .get("/v1/model/path?name=\(name)")
                }
            }
            let answers = try await registry.sendAll(requests, over: 16)
            for (request, answer) in zip(requests, answers) {
                #expect(answer.status < 500, "\(request.method) \(request.target): \(answer)")
            }
            // Every answered change is in the log once; refusals and repetitions are not.
            let kinds = try await registry.kinds()
            let revoked = answers.count { $0["status"] == "revoked" }
            let quarantined = answers.count { $0["status"] == "quarantined" }
            #expect(kinds.count { $0 == "revoked" } == revoked)
            let moves = try await registry.events().compactMap { $0["event"] }
                .filter { $0["event"]?.asString == "quarantined" }
            #expect(moves.count { $0["cause"]?.asString == "requested" } == quarantined, "\(moves.first ?? .null)")
        }
    }
}
