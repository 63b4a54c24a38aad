import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("DELETE /v1/model/{name} and /v1/model/delete")
struct DeleteTests {
    @Test(
        "A deleted artifact keeps its record and history, serves nothing, and is deleted once",
        arguments: [
            "/v1/model/org/a", "/v1/model/delete?name=org/a",
        ])
    func delete(target: String) async throws {
        try await withRegistry { registry in
            try await registry.admit("org/a", ModelFiles.gguf(1))
            let first = try await registry.delete(target, ["reason": "superseded"])
            expect(first, 200)
            #expect(first.json == ["name": "org/a", "status": "deleted"])
            expect(try await registry.path(of: "org/a"), 403, "not_trusted")
            #expect(!FileManager.default.fileExists(atPath: registry.home.directory + "/trusted/org/a"))
            #expect(try await registry.delete(target).json == ["name": "org/a", "status": "already_deleted"])
            let answer = try await registry.get("/v1/model/org/a")
            #expect(answer["state"] == "deleted")
            #expect(try await registry.kinds(of: "org/a").last == "deleted")
            #expect(try await registry.events(of: "org/a").last?["event"]?["reason"]?.asString == "superseded")
        }
    }

    @Test("Deleting one name leaves the same bytes under another name alone")
    func sharedBytes() async throws {
        try await withRegistry { registry in
            try await registry.admit("a", ModelFiles.gguf(1))
            try await registry.admit("b", ModelFiles.gguf(1))
            _ = try await registry.delete("/v1/model/a")
            expect(try await registry.path(of: "b"), 200)
            expect(try await registry.post("/v1/model/verify?name=b"), 200)
        }
    }

    @Test("What never was is not found")
    func unknown() async throws {
        try await withRegistry { registry in
            expect(try await registry.delete("/v1/model/a"), 404, "artifact_not_found")
            expect(try await registry.delete("/v1/model/delete?name=a"), 404, "artifact_not_found")
        }
    }
}
