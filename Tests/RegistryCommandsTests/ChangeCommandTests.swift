import RegistryCommands
import StubRegistry
import Testing

@Suite("Commands that change")
struct ChangeCommandTests {
    @Test(
        "Changes send their reason and show what became of it",
        arguments: [
            (
                ["quarantine", "a", "--reason", "odd"], "POST /v1/model/quarantine", #"{"reason":"odd"}"#,
                "already quarantined"
            ),
            (["revoke", "a", "--digest"], "POST /v1/model/revoke", #"{"digest":true}"#, "revoked"),
            (["delete", "a"], "DELETE /v1/model/delete", "{}", "already deleted"),
        ])
    func changes(arguments: [String], request: String, body: String, change: String) async throws {
        let status = change.replacing(" ", with: "_")
        try await StubServer.run { _ in
            StubAnswer(#"{"name":"a","status":"\#(status)","names":["a","b"]}"#)
        } _: { server in
            let outcome = await securectl(arguments + ["--server", server.address])
            #expect(outcome.status == 0)
            #expect(outcome.out == "a: \(change)\nb: \(change)\n")
            #expect("\(server.requests[0].method) \(server.requests[0].path)" == request)
            #expect(String(decoding: server.requests[0].body, as: UTF8.self) == body)
        }
    }

    @Test("A revocation that is answered about another artifact is not done")
    func foreignChange() async throws {
        try await StubServer.run { _ in
            StubAnswer(#"{"name":"other","status":"revoked"}"#)
        } _: { server in
            #expect(await securectl(["revoke", "a", "--server", server.address]).status == 76)
        }
    }

    @Test("A refused promote gives the policy's reasons and 10")
    func refused() async throws {
        let detail = #"{"reasons":["pickle files are not admitted","too large"],"outcome":"refused"}"#
        try await StubServer.run { _ in
            .refusal(422, "policy_refused", detail: detail)
        } _: { server in
            let outcome = await securectl(["promote", "a", "--server", server.address])
            #expect(outcome.status == 10)
            #expect(outcome.err.contains("reasons: pickle files are not admitted"))
            #expect(outcome.err.contains("reasons: too large"))
        }
    }

    @Test("A promote that answers without trust is not done")
    func notTrusted() async throws {
        try await StubServer.run { _ in
            StubAnswer(201, Sample.artifact("a", state: "quarantined"))
        } _: { server in
            #expect(await securectl(["promote", "a", "--server", server.address]).status == 10)
        }
        try await StubServer.run { _ in
            StubAnswer(201, Sample.artifact("a"))
        } _: { server in
            #expect(await securectl(["promote", "a", "--server", server.address]).status == 0)
        }
    }

    @Test(
        "A dry run tells what would be decided",
        arguments: [("admitted", 0), ("refused", 10), ("undecided", 12)] as [(String, Int32)])
    func dryRun(outcome: String, exit: Int32) async throws {
        let decision = """
            {"name":"a","outcome":"\(outcome)","reasons":["because"],"codes":["x"],\
            "policy":{"name":"default","version":"1"},"trace":[],"findings":[]}
            """
        try await StubServer.run { _ in
            StubAnswer(decision)
        } _: { server in
            let result = await securectl(["promote", "a", "--dry-run", "--server", server.address])
            #expect(result.status == exit)
            #expect(result.out.contains("default 1"))
            #expect(String(decoding: server.requests[0].body, as: UTF8.self) == #"{"name":"a","dry_run":true}"#)
        }
    }

    @Test("acquire passes on what was said")
    func acquire() async throws {
        try await StubServer.run { _ in
            StubAnswer(201, Sample.artifact("a", state: "acquired"))
        } _: { server in
            let arguments = ["acquire", "a", "in/a.gguf", "--sha256", "ab", "--source", "hf://x", "--format", "gguf"]
            #expect(await securectl(arguments + ["--server", server.address]).status == 0)
            #expect(
                String(decoding: server.requests[0].body, as: UTF8.self)
                    == #"{"name":"a","filename":"in/a.gguf","sha256":"ab","source":"hf://x","format":"gguf"}"#)
        }
    }
}
