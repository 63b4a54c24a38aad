import FileTestSupport
import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("/v1/model/revoke")
struct RevokeTests {
    @Test("Revoking ends service at once, keeps the reason, and is done once")
    func revoke() async throws {
        try await withRegistry { registry in
            try await registry.admit("a", ModelFiles.gguf(1))
            let first = try await registry.revoke("a", ["reason": "CVE-2026-1"])
            expect(first, 200)
            #expect(first.json == ["name": "a", "status": "revoked"])
            expect(try await registry.path(of: "a"), 403, "not_trusted")
            #expect(!FileManager.default.fileExists(atPath: registry.home.directory + "/trusted/a"))
            let second = try await registry.revoke("a", ["reason": "again"])
            #expect(second.json == ["name": "a", "status": "already_revoked"])
            let events = try await registry.events(of: "a")
            #expect(events.filter { $0["event"]?["event"]?.asString == "revoked" }.count == 1)
            #expect(events.last?["event"]?["reason"]?.asString == "CVE-2026-1")
            #expect(try await registry.get("/v1/model/a")["reason"] == "CVE-2026-1")
        }
    }

    @Test("By name, the same bytes go on under their other names; by digest, under none")
    func byDigest() async throws {
        try await withRegistry { registry in
            let names = ["a", "b", "org/c", "d"]
            for name in names { try await registry.admit(name, ModelFiles.gguf(1)) }
            try await registry.admit("other", ModelFiles.gguf(2))
            _ = try await registry.revoke("d")
            expect(try await registry.path(of: "a"), 200)
            let answer = try await registry.revoke("a", ["digest": true, "reason": "poisoned"])
            expect(answer, 200)
            #expect(answer["status"] == "revoked")
            #expect(Set(answer.json["names"]?.asStrings ?? []) == ["a", "b", "org/c"])
            for name in names { expect(try await registry.path(of: name), 403, "not_trusted") }
            expect(try await registry.path(of: "other"), 200)
            let again = try await registry.revoke("b", ["digest": true])
            #expect(again["status"] == "already_revoked")
        }
    }

    @Test("What was deleted cannot be revoked, what never was is not found")
    func refused() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            _ = try await registry.delete("/v1/model/a")
            expect(try await registry.revoke("a"), 409, "state_conflict")
            expect(try await registry.revoke("b"), 404, "artifact_not_found")
        }
    }

    @Test("A revocation is there after a restart")
    func restart() async throws {
        let home = try RegistryHome()
        try await withRegistry(home) { registry in
            try await registry.admit("a", ModelFiles.gguf(1))
            _ = try await registry.revoke("a")
        }
        try await withRegistry(home) { registry in
            #expect(try await registry.state(of: "a") == "revoked")
            expect(try await registry.path(of: "a"), 403, "not_trusted")
        }
    }

    @Test("A revocation that was answered is seen by every read from then on")
    func visibleAtOnce() async throws {
        try await withRegistry { registry in
            for round in 0..<10 {
                let name = "m\(round)"
                try await registry.admit(name, ModelFiles.gguf(round))
                let isRevoked = Shared(false)
                let late = Shared(0)
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<6 {
                        group.addTask {
                            for _ in 0..<25 {
                                let mustBeGone = isRevoked.value
                                let answer = try await registry.path(of: name)
                                if mustBeGone, answer.status == 200 { late.change { $0 += 1 } }
                                if answer.status == 403 { return }
                            }
                        }
                    }
                    group.addTask {
                        expect(try await registry.revoke(name), 200)
                        isRevoked.change { $0 = true }
                        expect(try await registry.path(of: name), 403, "not_trusted")
                    }
                    try await group.waitForAll()
                }
                #expect(late.value == 0)
            }
        }
    }
}
