import ServerFixture
import StrictJSON
import Testing

@Suite("/v1/model/quarantine")
struct QuarantineTests {
    @Test("Quarantine takes an artifact out of service, has it inspected, and is done once")
    func quarantine() async throws {
        try await withRegistry { registry in
            try await registry.admit("a", ModelFiles.gguf(1))
            let first = try await registry.post("/v1/model/quarantine?name=a", ["reason": "looks odd"])
            expect(first, 200)
            #expect(first.json == ["name": "a", "status": "quarantined"])
            expect(try await registry.path(of: "a"), 403, "not_trusted")
            let second = try await registry.post("/v1/model/quarantine?name=a")
            #expect(second.json == ["name": "a", "status": "already_quarantined"])
            let events = try await registry.events(of: "a")
            #expect(events.compactMap { $0["event"]?["event"]?.asString }.suffix(1) == ["quarantined"])
            #expect(events.last?["event"]?["reason"]?.asString == "looks odd")
            #expect(events.last?["event"]?["actor"]?.asString?.isEmpty == false)
            #expect(events.last?["event"]?["request"]?.asString?.isEmpty == false)
        }
    }

    @Test("What was only received is inspected when it goes into quarantine")
    func inspects() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            expect(try await registry.post("/v1/model/quarantine?name=a"), 200)
            #expect(try await registry.kinds(of: "a") == ["acquired", "quarantined", "inspected"])
            #expect(try await registry.get("/v1/model/a")["verdict"] == "clean")
            let evidence = try await registry.get("/v1/model/a/evidence").json.asArray ?? []
            #expect(evidence.compactMap { $0["kind"]?.asString } == ["inspection"])
            let digest = try #require(evidence.first?["digest"]?.asString)
            let report = try await registry.get("/v1/model/a/evidence/\(digest)")
            expect(report, 200)
            #expect("sha256:" + sha256(report.body) == digest)
        }
    }

    @Test("What was withdrawn is not brought back by quarantine", arguments: ["revoke", "delete"])
    func withdrawn(how: String) async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            _ = how == "revoke" ? try await registry.revoke("a") : try await registry.delete("/v1/model/a")
            expect(try await registry.post("/v1/model/quarantine?name=a"), 409, "state_conflict")
            expect(try await registry.post("/v1/model/quarantine?name=b"), 404, "artifact_not_found")
        }
    }
}
