import ServerFixture
import StrictJSON
import Testing

@Suite("/health")
struct HealthTests {
    @Test("Health needs no token and counts every state")
    func counts() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("one", ModelFiles.gguf(1))
            try await registry.admit("two", ModelFiles.gguf(2))
            try await registry.admit("three", ModelFiles.gguf(3))
            _ = try await registry.revoke("three")
            let answer = try await registry.send(.get("/health"), authorized: false)
            expect(answer, 200)
            #expect(answer["status"] == "ok")
            #expect(answer.json["model_count"]?.asUInt64 == 3)
            #expect(answer.json["trusted_count"]?.asUInt64 == 1)
            #expect(answer.json["auth_required"]?.asBool == true)
            #expect(answer["version"]?.isEmpty == false)
            let counts = answer.json["state_counts"]
            #expect(
                counts?.asObject?.members.map(\.name) == ["acquired", "quarantined", "trusted", "revoked", "deleted"])
            #expect(counts?["acquired"]?.asUInt64 == 1)
            #expect(counts?["trusted"]?.asUInt64 == 1)
            #expect(counts?["revoked"]?.asUInt64 == 1)
        }
    }

    @Test("HEAD has the header fields of GET and no body", arguments: ["/health", "/v1/models", "/livez"])
    func head(target: String) async throws {
        try await withRegistry { registry in
            let address = registry.address
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                let get = try connection.exchange(.get(target))
                let head = try connection.exchange(HTTPRequest("HEAD", target))
                expect(head, 200)
                #expect(head[header: "content-length"] == String(get.body.count))
                #expect(head[header: "content-type"] == get[header: "content-type"])
                // A body would be read as the beginning of the next answer.
                expect(try connection.exchange(.get(target)), 200)
            }
        }
    }

    @Test("Liveness and readiness answer", arguments: ["/livez", "/readyz"])
    func probes(target: String) async throws {
        try await withRegistry { registry in
            let answer = try await registry.send(.get(target), authorized: false)
            expect(answer, 200)
            #expect(answer["status"] == "ok")
        }
    }

    @Test("Other methods are refused with those that there are")
    func methods() async throws {
        try await withRegistry { registry in
            let answer = try await registry.delete("/health")
            expect(answer, 405, "method_not_allowed")
            #expect(answer[header: "allow"] == "GET, HEAD")
        }
    }

    @Test("A path that nothing answers is an error of the API like any other")
    func unknownPath() async throws {
        try await withRegistry { registry in
            let answer = try await registry.get("/v1/nothing")
            expect(answer, 404, "route_not_found")
            #expect(answer[header: "content-type"] == "application/json")
            #expect(answer[header: "x-request-id"]?.isEmpty == false)
        }
    }
}
