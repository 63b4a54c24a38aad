import RegistryClient
import RegistryCore
import RegistryWire
import StrictJSON
import StubRegistry
import Testing

@Suite("Artifact endpoints")
struct ArtifactEndpointTests {
    @Test("Every call asks for its endpoint, its method and its name")
    func endpoints() async throws {
        @Sendable func change(_ status: String) -> StubAnswer {
            StubAnswer(#"{"name":"team/model-a","status":"\#(status)"}"#)
        }
        try await withClient { request in
            switch (request.method, request.path) {
            case ("GET", "/v1/model"), ("POST", "/v1/model/acquire"), ("POST", "/v1/model/promote"):
                StubAnswer(Sample.artifact())
            case ("GET", "/v1/model/path"): StubAnswer(#"{"path":"/r/a.gguf","sha256":"ab","size_bytes":1}"#)
            case ("GET", "/v1/model/team/model-a/evidence"), ("GET", "/v1/model/team/model-a/events"),
                ("GET", "/v1/audit"):
                StubAnswer("[]")
            case ("GET", "/v1/model/team/model-a/evidence/sha256:00"): StubAnswer("raw bytes")
            case ("GET", "/v1/stats"): StubAnswer(#"{"models":3}"#)
            case ("POST", "/v1/model/quarantine"): change("quarantined")
            case ("POST", "/v1/model/revoke"): change("revoked")
            case ("DELETE", "/v1/model/delete"): change("already_deleted")
            default: .refusal(404, "route_not_found")
            }
        } _: { client, server in
            let name = try artifactName()
            _ = try await client.artifact(name)
            _ = try await client.path(of: name)
            _ = try await client.evidence(of: name)
            _ = try await client.events(of: name)
            _ = try await client.audit()
            #expect(try await client.evidence(of: name, digest: "sha256:00") == Array("raw bytes".utf8))
            #expect(try await client.statistics().asObject?["models"]?.asNumber?.uint64 == 3)
            _ = try await client.acquire(AcquireRequest(name: name.description, filename: "a.gguf", sha256: "ab"))
            _ = try await client.promote(PromoteRequest(name: name.description, sha256: "ab", dryRun: true))
            _ = try await client.quarantine(name)
            _ = try await client.revoke(name, ChangeRequest(reason: "bad", digest: true))
            _ = try await client.delete(name, ChangeRequest(reason: "old"))
            let bodies = server.requests.map { String(decoding: $0.body, as: UTF8.self) }
            #expect(bodies[8] == #"{"name":"team/model-a","sha256":"ab"}"#)  // a promote is never a dry run
            #expect(bodies[10] == #"{"reason":"bad","digest":true}"#)
            #expect(bodies[11] == #"{"reason":"old"}"#)
            #expect(server.requests[1].query == ["name": "team%2Fmodel-a"])
            #expect(server.requests[8].headers["content-type"] == "application/json")
        }
    }

    @Test(
        "An answer about another artifact, or with another outcome, is no answer",
        arguments: [("other", "revoked"), ("team/model-a", "trusted"), ("team/model-a", "already_quarantined")])
    func foreignChange(name: String, status: String) async throws {
        try await withClient { _ in
            StubAnswer(#"{"name":"\#(name)","status":"\#(status)"}"#)
        } _: { client, _ in
            for call in [
                { _ = try await client.revoke(try artifactName()) },
                { _ = try await client.delete(try artifactName()) },
            ] as [() async throws -> Void] {
                guard case .malformedAnswer = await fault(call) else {
                    _ = Issue.record("taken for an answer")
                    continue
                }
            }
        }
    }

    @Test("A promote that is answered about another artifact is no answer")
    func foreignArtifact() async throws {
        try await withClient { _ in
            StubAnswer(Sample.artifact("other"))
        } _: { client, _ in
            for call in [
                { _ = try await client.promote(PromoteRequest(name: Sample.name)) },
                { _ = try await client.acquire(AcquireRequest(name: Sample.name, filename: "a", sha256: "ab")) },
                { _ = try await client.artifact(try artifactName()) },
            ] as [() async throws -> Void] {
                guard case .malformedAnswer = await fault(call) else {
                    _ = Issue.record("taken for an answer")
                    continue
                }
            }
        }
    }

    @Test("A dry run asks for a decision")
    func dryRun() async throws {
        let decision = #"{"name":"a","outcome":"refused","reasons":["no"],"codes":["x"],"policy":{},"trace":[]}"#
        try await withClient { _ in
            StubAnswer(decision)
        } _: { client, server in
            let document = try await client.decide(PromoteRequest(name: "a"))
            #expect(document.outcome == "refused")
            #expect(String(decoding: server.requests[0].body, as: UTF8.self) == #"{"name":"a","dry_run":true}"#)
        }
    }

    @Test("Pages follow the registry's Link, filters and all")
    func pages() async throws {
        try await withClient { request in
            guard request.query["after"] == nil else { return StubAnswer("[\(Sample.artifact("b"))]") }
            let link = #"</v1/models?limit=1&after=a%2Fb+c>; rel="next""#
            return StubAnswer(headers: [("Link", link)], "[\(Sample.artifact("a"))]")
        } _: { client, server in
            let query = ArtifactQuery(state: "trusted", text: "mo del&x=1", limit: 1)
            let first = try await client.artifacts(query)
            #expect(first.rows.map(\.name) == ["a"])
            let second = try await client.artifacts(query, after: first.next)
            #expect(second.rows.map(\.name) == ["b"])
            #expect(second.next == nil)
            #expect(server.requests[0].query == ["state": "trusted", "q": "mo%20del%26x%3D1", "limit": "1"])
            #expect(server.requests[1].query["after"] == "a%2Fb%20c")
        }
    }

    @Test(
        "A Link without a usable next ends the list",
        arguments: [
            #"</v1/models?after=x>; rel="prev""#, #"</v1/models>; rel="next""#, "nonsense",
            #"</v1?after=%zz>; rel="next""#,
            #"</v1?after=1&after=2>; rel="next""#,
        ])
    func badLinks(link: String) async throws {
        try await withClient { _ in
            StubAnswer(headers: [("Link", link)], "[]")
        } _: { client, _ in
            let answer = try await client.artifacts()
            #expect(answer.next == nil)
        }
    }

    @Test("A degraded registry still says how it is")
    func degraded() async throws {
        let health = """
            {"status":"degraded","model_count":0,"trusted_count":0,"state_counts":{},"auth_required":true,\
            "version":"1","reasons":["the store does not answer"]}
            """
        try await withClient { _ in
            StubAnswer(503, health)
        } _: { client, _ in
            let answer = try await client.health()
            #expect(answer.status == "degraded")
        }
    }
}
