import RegistryCommands
import StrictJSON
import StubRegistry
import Testing

@Suite("verify")
struct VerifyCommandTests {
    @Test(
        "One artifact",
        arguments: [
            (200, Sample.row("verified"), 0), (409, Sample.row("failed", state: "quarantined", safe: false), 11),
            (200, Sample.row("verified", state: "acquired", safe: false), 13),
            (200, Sample.row("unreadable", safe: false), 12),
        ] as [(Int, String, Int32)])
    func one(status: Int, row: String, exit: Int32) async throws {
        try await StubServer.run { _ in
            StubAnswer(status, row)
        } _: { server in
            #expect(await securectl(["verify", "a", "--server", server.address]).status == exit)
            let json = await securectl(["verify", "a", "--server", server.address, "-o", "json"])
            #expect(json.status == exit)
            #expect(json.json != nil)
        }
    }

    @Test(
        "All artifacts: the worst row decides, whatever the summary says",
        arguments: [
            ("ok", 0, [Sample.row("verified")], 0), ("failed", 1, [Sample.row("verified"), Sample.row("failed")], 11),
            ("ok", 0, [Sample.row("failed")], 11), ("ok", 0, [Sample.row("unreadable")], 12), ("unknown", 0, [], 12),
            ("ok", 0, [], 0), ("ok", 1, [], 11), ("incomplete", 0, [Sample.row("undecided")], 12),
            ("failed", 1, [Sample.row("undecided"), Sample.row("failed")], 11),
        ] as [(String, Int, [String], Int32)])
    func all(status: String, failures: Int, rows: [String], exit: Int32) async throws {
        let sweep = Sample.sweep(status, failures: failures, rows: rows)
        try await StubServer.run { _ in
            StubAnswer(headers: [("Content-Type", "text/event-stream")], "event: done\ndata: \(sweep)\n\n")
        } _: { server in
            #expect(await securectl(["verify", "--all", "--server", server.address]).status == exit)
        }
    }

    @Test("What could not be checked is not a pass, even where the summary and the rows leave it out")
    func undecided() async throws {
        let sweep =
            #"{"status":"ok","checked":2,"failures":0,"undecided":1,"verified_at":"2026-11-21T10:00:00Z","models":[]}"#
        try await StubServer.run { _ in
            StubAnswer(headers: [("Content-Type", "text/event-stream")], "event: done\ndata: \(sweep)\n\n")
        } _: { server in
            let outcome = await securectl(["verify", "--all", "--server", server.address])
            #expect(outcome.status == 12)
            #expect(outcome.out.contains("1 could not be checked"))
        }
    }

    @Test("A sweep that breaks off is not a pass")
    func brokenSweep() async throws {
        try await StubServer.run { _ in
            StubAnswer(
                headers: [("Content-Type", "text/event-stream")], "event: model\ndata: \(Sample.row("verified"))\n\n")
        } _: { server in
            #expect(await securectl(["verify", "--all", "--server", server.address]).status == 69)
        }
    }

    @Test("Tensors that changed are named", arguments: ["verified", "skipped", "failed", "strange"])
    func tensors(status: String) async throws {
        let exit: [String: Int32] = ["verified": 0, "skipped": 0, "failed": 11, "strange": 12]
        let row = #"{"name":"a","status":"\#(status)","tensors":2,"changed":["blk.0.attn"]}"#
        try await StubServer.run { request in
            StubAnswer(request.query["name"] == nil ? #"{"status":"x","models":[\#(row)]}"# : row)
        } _: { server in
            for target in [["a"], ["--all"]] {
                let outcome = await securectl(["verify", "--tensors"] + target + ["--server", server.address])
                #expect(outcome.status == exit[status])
                #expect(outcome.out.contains("blk.0.attn"))
            }
        }
    }
}
