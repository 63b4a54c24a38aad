import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("/v1/model/promote and /v1/promote")
struct PromoteTests {
    @Test(
        "A promote runs the quarantine first and admits by a decision that is kept",
        arguments: [("model/", 201), ("", 200)])
    func admits(path: String, status: Int) async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            let answer = try await registry.post("/v1/\(path)promote", ["name": "a"])
            expect(answer, status)
            #expect(answer["state"] == "trusted")
            #expect(answer["policy_version"] == "2")
            #expect(try await registry.kinds(of: "a") == ["acquired", "quarantined", "inspected", "promoted"])
            let evidence = try await registry.get("/v1/model/a/evidence").json.asArray ?? []
            #expect(Set(evidence.compactMap { $0["kind"]?.asString }) == ["inspection", "decision"])
            for entry in evidence {
                let digest = try #require(entry["digest"]?.asString)
                let document = try await registry.get("/v1/model/a/evidence/\(digest)")
                #expect("sha256:" + sha256(document.body) == digest)
            }
        }
    }

    @Test("Promoting again says the same and writes nothing")
    func again() async throws {
        try await withRegistry { registry in
            try await registry.admit("a", ModelFiles.gguf(1))
            let events = try await registry.kinds()
            let answer = try await registry.promote("a")
            expect(answer, 201)
            #expect(answer["state"] == "trusted")
            #expect(try await registry.kinds() == events)
        }
    }

    @Test("Bytes that nobody acquired before are acquired and promoted in one go")
    func withFilename() async throws {
        try await withRegistry { registry in
            let sha256 = try registry.home.write(ModelFiles.gguf(1), as: "in/a.gguf")
            let answer = try await registry.promote(
                "a", [("filename", "in/a.gguf"), ("sha256", .string(sha256)), ("source", "here")])
            expect(answer, 201)
            #expect(answer["source"] == "here")
            expect(try await registry.promote("b"), 404, "artifact_not_found")
        }
    }

    @Test("A dry run says what would be decided and changes nothing")
    func dryRun() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("good", ModelFiles.gguf(1))
            try await registry.takeIn("bad", ModelFiles.truncatedGGUF)
            let good = try await registry.promote("good", [("dry_run", true)])
            expect(good, 200)
            #expect(good["outcome"] == "admitted")
            let bad = try await registry.promote("bad", [("dry_run", true)])
            expect(bad, 200)
            #expect(bad["outcome"] == "refused")
            #expect(bad.json["reasons"]?.asStrings.isEmpty == false)
            #expect(try await registry.kinds() == ["acquired", "acquired"])
            #expect(try await registry.get("/v1/models?state=acquired").names == ["bad", "good"])
        }
    }

    @Test("What a caller claims about scans is kept and shown as a claim, and decides nothing")
    func claims() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("good", ModelFiles.gguf(1))
            try await registry.takeIn("bad", ModelFiles.pickle)
            let results: JSONValue = ["clamav": "clean", "score": 10]
            let claims: [(String, JSONValue)] = [
                ("scan_results", results), ("scanner_versions", ["clamav": "1.4"]), ("policy_version", "theirs"),
            ]
            expect(try await registry.promote("good", claims), 201)
            let shown = try await registry.get("/v1/model/good")
            #expect(shown.json["scan_results"] == results)
            #expect(shown.json["scanner_versions"] == ["clamav": "1.4"])
            #expect(shown["policy_version"] == "2")
            expect(try await registry.promote("bad", claims), 422)
            expect(try await registry.path(of: "bad"), 403, "not_trusted")
        }
    }

    @Test(
        "Content that can run code, that nobody knows or that is broken is refused with reasons",
        arguments: ["pickle", "noise", "truncated", "text-as-gguf", "zip", "elf", "script"])
    func refused(kind: String) async throws {
        try await withRegistry { registry in
            let bytes: [UInt8] =
                switch kind {
                case "pickle": ModelFiles.pickle
                case "noise": ModelFiles.noise(4_096)
                case "truncated": ModelFiles.truncatedGGUF
                case "text-as-gguf": Array("GGUF".utf8) + Array(repeating: UInt8(ascii: "A"), count: 200)
                case "zip": [0x50, 0x4B, 3, 4] + [UInt8](repeating: 0, count: 60)
                case "elf": [0x7F, 0x45, 0x4C, 0x46, 2, 1, 1] + [UInt8](repeating: 0, count: 100)
                default: Array("#!/bin/sh\nrm -rf /\n".utf8)
                }
            try await registry.takeIn("a", bytes, filename: "in/model.gguf")
            let answer = try await registry.promote("a")
            // What the inspection cannot judge is no less refused than what it finds bad.
            let isFoundBad = !["noise", "text-as-gguf"].contains(kind)
            expect(answer, 422, isFoundBad ? "policy_refused" : "inspection_undecided")
            #expect(answer.detail["outcome"]?.asString == (isFoundBad ? "refused" : "undecided"))
            #expect(answer.detail["reasons"]?.asStrings.isEmpty == false)
            #expect(answer.detail["codes"]?.asStrings.isEmpty == false)
            #expect(answer.detail["policy"]?["digest"]?.asString?.hasPrefix("sha256:") == true)
            #expect(try await registry.state(of: "a") == "quarantined")
            #expect(try await registry.kinds(of: "a").last == "refused")
            expect(try await registry.path(of: "a"), 403, "not_trusted")
        }
    }

    @Test("If-Match admits only the version that the caller saw")
    func ifMatch() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            let seen = try #require(try await registry.get("/v1/model/a")[header: "etag"])
            _ = try await registry.post("/v1/model/quarantine?name=a")
            let now = try #require(try await registry.get("/v1/model/a")[header: "etag"])
            #expect(seen != now)
            for stale in [seen, "\"999\"", "999", "\"x\"", "W/\"1\"", ""] {
                var request = HTTPRequest.post("/v1/model/promote", ["name": "a"])
                request.headers.append(("If-Match", stale))
                expect(try await registry.send(request), 412, "precondition_failed")
            }
            #expect(try await registry.state(of: "a") == "quarantined")
            var request = HTTPRequest.post("/v1/model/promote", ["name": "a"])
            request.headers.append(("If-Match", now))
            expect(try await registry.send(request), 201)
            request = .post("/v1/model/promote", ["name": "a"])
            request.headers.append(("If-Match", "*"))
            expect(try await registry.send(request), 201)
        }
    }

    @Test("A promote that names other bytes than the name has promotes nothing")
    func otherBytes() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            let answer = try await registry.promote("a", [("sha256", .string(sha256(ModelFiles.gguf(2))))])
            expect(answer, 422, "digest_mismatch")
            #expect(try await registry.state(of: "a") == "acquired")
        }
    }

    @Test("What was revoked is judged anew when it is promoted; what was deleted stays so")
    func afterWithdrawal() async throws {
        try await withRegistry { registry in
            try await registry.admit("a", ModelFiles.gguf(1))
            _ = try await registry.revoke("a")
            expect(try await registry.promote("a"), 201)
            #expect(
                try await registry.kinds(of: "a")
                    == ["acquired", "quarantined", "inspected", "promoted", "revoked", "quarantined", "promoted"])
            expect(try await registry.path(of: "a"), 200)
            _ = try await registry.delete("/v1/model/a")
            let answer = try await registry.promote("a")
            expect(answer, 409, "state_conflict")
            #expect(answer.detail["state"]?.asString == "deleted")
        }
    }

    @Test("The operator's policy decides, and a re-promote under a stricter one takes trust away")
    func policy() async throws {
        var home = try RegistryHome()
        try await withRegistry(home) { registry in try await registry.admit("a", ModelFiles.gguf(1)) }
        let path = home.path + "/policy.yaml"
        let policy = """
            pratique: policy/v1
            name: strict
            version: "7"
            rules:
              - id: only-from-us
                effect: admit
                when: { source: { has_any: [ours] } }
                message: Ours only.
            """
        try writeFile(Array(policy.utf8), to: path)
        home.settings["policy_path"] = path
        try await withRegistry(home) { registry in
            #expect(try await registry.get("/v1/policy")["version"] == "7")
            expect(try await registry.path(of: "a"), 200)
            expect(try await registry.promote("a"), 422, "policy_refused")
            expect(try await registry.path(of: "a"), 403, "not_trusted")
            let sha256 = try registry.home.write(ModelFiles.gguf(2), as: "b")
            _ = try await registry.acquire("b", "b", sha256, [("source", "ours")])
            expect(try await registry.promote("b"), 201)
        }
    }
}
