import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("/v1/model/verify-manifest")
struct VerifyManifestTests {
    @Test("Tensors that are as they were are verified; what has none is skipped")
    func intact() async throws {
        try await withRegistry { registry in
            try await registry.admit("weights", ModelFiles.gguf(1))
            let config = try registry.home.write(Array(#"{"a":1}"#.utf8), as: "config.json")
            _ = try await registry.acquire("config", "config.json", config)
            let answer = try await registry.post("/v1/model/verify-manifest?name=weights")
            expect(answer, 200)
            #expect(answer["status"] == "verified")
            #expect(answer.json["tensors"]?.asUInt64 == 2)
            #expect(answer.json["changed"] == [])
            #expect(try await registry.post("/v1/model/verify-manifest?name=config")["status"] == "skipped")
            let all = try await registry.post("/v1/model/verify-manifest")
            expect(all, 200)
            #expect(all.json["models"]?.asArray?.compactMap { $0["status"]?.asString } == ["skipped", "verified"])
        }
    }

    @Test("The tensor that changed is named, and no other", arguments: [0, 1])
    func changed(index: Int) async throws {
        try await withRegistry(leavesDamage: true) { registry in
            let sha256 = try await registry.admit("a", ModelFiles.gguf(1))
            try flipBit(
                of: registry.home.blobPath(sha256), at: ModelFiles.offset(ofTensor: index, seed: 1) + 5)
            let answer = try await registry.post("/v1/model/verify-manifest?name=a")
            expect(answer, 409)
            #expect(answer["status"] == "failed")
            #expect(answer.json["changed"]?.asStrings == [ModelFiles.tensors[index].name])
            #expect(try await registry.state(of: "a") == "quarantined")
            expect(try await registry.path(of: "a"), 403, "not_trusted")
        }
    }

    @Test("The manifest is given in the form of the gguf-guard tool")
    func document() async throws {
        try await withRegistry { registry in
            try await registry.admit("a", ModelFiles.gguf(1))
            let answer = try await registry.get("/v1/model/a/tensor-manifest")
            expect(answer, 200)
            let digest = try await registry.get("/v1/model/a")["gguf_guard_manifest"]
            #expect(digest == "sha256:" + sha256(answer.body))
            for tensor in ModelFiles.tensors { #expect(answer.text.contains("\"\(tensor.name)\"")) }
        }
    }
}
