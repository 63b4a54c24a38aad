import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("/v1/model/verify")
struct VerifyTests {
    @Test("Intact bytes are verified; only what is trusted is safe to use")
    func intact() async throws {
        try await withRegistry { registry in
            let sha256 = try await registry.takeIn("a", ModelFiles.gguf(1))
            let before = try await registry.post("/v1/model/verify?name=a")
            expect(before, 200)
            #expect(before["status"] == "verified")
            #expect(before["safe_to_use"] == "false")
            #expect(before["state"] == "acquired")
            #expect(before["sha256"] == sha256)
            expect(try await registry.promote("a"), 201)
            let after = try await registry.post("/v1/model/verify?name=a")
            #expect(after["safe_to_use"] == "true")
            #expect(after["state"] == "trusted")
        }
    }

    @Test("One flipped bit fails, takes the artifact out of service, and raises the alarm", arguments: [0, 60, 287])
    func flipped(offset: Int) async throws {
        try await withRegistry(leavesDamage: true) { registry in
            let sha256 = try await registry.admit("a", ModelFiles.gguf(1), filename: "in/a.gguf")
            #expect(try await registry.metric("pratique_integrity_failures_total") == nil)
            try flipBit(of: registry.home.blobPath(sha256), at: offset)
            let answer = try await registry.post("/v1/model/verify?name=a")
            expect(answer, 409)
            #expect(answer["status"] == "failed")
            #expect(answer["safe_to_use"] == "false")
            #expect(answer["expected"] == sha256)
            #expect(answer["actual"]?.hasPrefix("sha256:") == true)
            #expect(answer["state"] == "quarantined")
            #expect(try await registry.kinds(of: "a").last == "quarantined")
            #expect(!FileManager.default.fileExists(atPath: registry.home.directory + "/trusted/a"))
            #expect(try await registry.metric("pratique_integrity_failures_total") == 1)
            #expect(try await registry.metric("pratique_artifacts{state=\"quarantined\"}") == 1)
            expect(try await registry.path(of: "a"), 403, "not_trusted")
            #expect(registry.home.log.contains("stored bytes are not the admitted ones"))
        }
    }

    @Test("Every one of a thousand flipped bits is found")
    func everyBit() async throws {
        try await withRegistry(leavesDamage: true) { registry in
            let sha256 = try await registry.takeIn("a", ModelFiles.gguf(1))
            let path = registry.home.blobPath(sha256)
            let size = ModelFiles.gguf(1).count
            for number in 0..<1_000 {
                let offset = number &* 7_919 % size
                try flipBit(of: path, at: offset)
                let answers = try await registry.sendAll([.post("/v1/model/verify?name=a")])
                #expect(answers.first?.status == 409, "a flipped bit at \(offset) was not found")
                try flipBit(of: path, at: offset)
            }
            expect(try await registry.post("/v1/model/verify?name=a"), 200)
        }
    }

    @Test("A missing file fails, too")
    func missing() async throws {
        try await withRegistry(leavesDamage: true) { registry in
            let sha256 = try await registry.admit("a", ModelFiles.gguf(1))
            try FileManager.default.removeItem(atPath: registry.home.blobPath(sha256))
            let answer = try await registry.post("/v1/model/verify?name=a")
            expect(answer, 409)
            #expect(answer["actual"] == "missing")
        }
    }

    @Test("What failed stays blocked until its bytes are right again and it was promoted again")
    func repaired() async throws {
        try await withRegistry { registry in
            let sha256 = try await registry.admit("a", ModelFiles.gguf(1))
            let path = registry.home.blobPath(sha256)
            try flipBit(of: path, at: 100)
            expect(try await registry.post("/v1/model/verify?name=a"), 409)
            expect(try await registry.promote("a"), 409, "integrity_failed")
            try flipBit(of: path, at: 100)
            expect(try await registry.post("/v1/model/verify?name=a"), 200)
            expect(try await registry.path(of: "a"), 403, "not_trusted")
            expect(try await registry.promote("a"), 201)
            expect(try await registry.path(of: "a"), 200)
        }
    }

    @Test("There is nothing to verify of what was deleted or never was")
    func nothing() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            _ = try await registry.delete("/v1/model/a")
            expect(try await registry.post("/v1/model/verify?name=a"), 409, "state_conflict")
            expect(try await registry.post("/v1/model/verify?name=b"), 404, "artifact_not_found")
        }
    }

    @Test("One damaged file of a directory takes the whole artifact out of service, and is named")
    func directory() async throws {
        try await withRegistry(leavesDamage: true) { registry in
            let weights = try registry.home.write(ModelFiles.safetensors(), as: "in/model/sub/weights.safetensors")
            try registry.home.write(Array("{}".utf8), as: "in/model/config.json")
            _ = try await registry.acquire("a", "in/model", nil)
            try flipBit(of: registry.home.blobPath(weights), at: 150)
            let answer = try await registry.post("/v1/model/verify?name=a")
            expect(answer, 409)
            #expect(answer["file"] == "sub/weights.safetensors")
        }
    }
}
