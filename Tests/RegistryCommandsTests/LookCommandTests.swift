import RegistryCommands
import StrictJSON
import StubRegistry
import Testing

@Suite("Commands that look")
struct LookCommandTests {
    @Test("A list is followed over its pages, and one JSON array")
    func pages() async throws {
        try await StubServer.run { request in
            switch request.query["after"] {
            case nil:
                let rows = "[\(Sample.artifact("a")),\(Sample.artifact("b"))]"
                return StubAnswer(headers: [("Link", "</v1/models?after=b>; rel=\"next\"")], rows)
            default: return StubAnswer("[\(Sample.artifact("c"))]")
            }
        } _: { server in
            let table = await securectl(["list", "--server", server.address])
            #expect(table.status == 0)
            #expect(table.out.split(separator: "\n").count == 4)
            let json = await securectl(["list", "--server", server.address, "--output", "json"])
            #expect(json.json?.asArray?.compactMap { $0.asObject?["name"]?.asString } == ["a", "b", "c"])
            let limited = await securectl(["list", "--server", server.address, "-o", "json", "--limit", "1"])
            #expect(limited.json?.asArray?.count == 1)
        }
    }

    @Test("A registry that repeats its pages does not keep us for ever")
    func repeatedPages() async throws {
        try await StubServer.run { _ in
            StubAnswer(headers: [("Link", "</v1/models?after=a>; rel=\"next\"")], "[\(Sample.artifact("a"))]")
        } _: { server in
            #expect(await securectl(["list", "--server", server.address]).status == 76)
            #expect(server.requests.count == 2)
        }
    }

    @Test("Nothing to list is an empty array and a sentence")
    func empty() async throws {
        try await StubServer.run { _ in
            StubAnswer("[]")
        } _: { server in
            let table = await securectl(["list", "--server", server.address])
            #expect(table.out.isEmpty)
            #expect(table.err == "No artifacts.\n")
            #expect(await securectl(["list", "--server", server.address, "-o", "json"]).out == "[]\n")
        }
    }

    @Test("A name from elsewhere cannot act on the terminal, in a table or in JSON", arguments: ["table", "json"])
    func hostileNames(format: String) async throws {
        let artifact = Sample.artifact(#"a\u001b[31m\u009b\u202e"#)
        try await StubServer.run { _ in
            StubAnswer("[\(artifact)]")
        } _: { server in
            let out = await securectl(["list", "--server", server.address, "-o", format]).out
            #expect(!out.unicodeScalars.contains { $0 == "\u{1B}" || $0 == "\u{9B}" || $0 == "\u{202E}" })
            #expect(out.contains("trusted"))
        }
    }

    @Test("path prints the path and nothing else")
    func path() async throws {
        try await StubServer.run { _ in
            StubAnswer(#"{"path":"/registry/trusted/a/a.gguf","sha256":"ab","size_bytes":1}"#)
        } _: { server in
            #expect(await securectl(["path", "a", "--server", server.address]).out == "/registry/trusted/a/a.gguf\n")
        }
        try await StubServer.run { _ in
            StubAnswer(#"{"path":"/a\nrm -rf","sha256":"ab","size_bytes":1}"#)
        } _: { server in
            let outcome = await securectl(["path", "a", "--server", server.address])
            #expect(outcome.status == 76)
            #expect(outcome.out.isEmpty)
        }
    }

    @Test(
        "status is 0 when all is well, 69 when degraded, 11 after a sweep that found damage, 12 if it could not look",
        arguments: [
            ("ok", "ok", 0), ("degraded", "ok", 69), ("ok", "failed", 11), ("degraded", "failed", 69),
            ("ok", "unknown", 0), ("ok", "incomplete", 12),
        ] as [(String, String, Int32)])
    func status(health: String, sweep: String, exit: Int32) async throws {
        try await StubServer.run { request in
            if request.path == "/health" {
                return StubAnswer(health == "ok" ? 200 : 503, Sample.health(health, reasons: #"["the disk is full"]"#))
            }
            if sweep == "unknown" { return StubAnswer(#"{"status":"unknown"}"#) }
            return StubAnswer(Sample.sweep(sweep, failures: sweep == "failed" ? 1 : 0, rows: [Sample.row("failed")]))
        } _: { server in
            let outcome = await securectl(["status", "--server", server.address])
            #expect(outcome.status == exit)
            #expect(outcome.out.contains("the disk is full"))
        }
    }

    @Test("Evidence is listed, and a document shown only if it has its digest")
    func evidence() async throws {
        let digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  // of {}
        try await StubServer.run { request in
            if request.path.hasSuffix("/evidence") {
                return StubAnswer(
                    """
                    [{"kind":"decision","digest":"\(digest)","size_bytes":2,"time":"2026-11-21T10:00:00.000Z",\
                    "event_index":4}]
                    """
                )
            }
            return StubAnswer(request.path.contains("/good/") ? "{}" : "{ }")
        } _: { server in
            let list = await securectl(["evidence", "good", "--server", server.address])
            #expect(list.out.contains(digest))
            let good = await securectl(["evidence", "good", "--digest", digest, "--server", server.address])
            #expect(good.status == 0)
            #expect(good.out == "{}\n")
            let bad = await securectl(["evidence", "bad", "--digest", digest, "--server", server.address])
            #expect(bad.status == 11)
            #expect(bad.out.isEmpty)
        }
    }

    @Test("Events are followed from index to index")
    func events() async throws {
        try await StubServer.run { request in
            let from = request.query["from"].flatMap(Int.init) ?? 0
            let end = min(from + (request.query["limit"].flatMap(Int.init) ?? 0), 2_500)
            let rows = (from..<max(from, end)).map { index in
                """
                {"index":\(index),"event":{"v":1,"time":"2026-11-21T10:00:00.000Z","event":"revoked","name":"a",\
                "reason":"bad"},"leaf":""}
                """
            }
            return StubAnswer("[\(rows.joined(separator: ","))]")
        } _: { server in
            let all = await securectl(["events", "--server", server.address, "-o", "json"])
            #expect(all.json?.asArray?.count == 2_500)
            #expect(server.requests.count == 3)
            let some = await securectl(["events", "a", "--from", "10", "--limit", "3", "--server", server.address])
            #expect(some.out.split(separator: "\n").count == 4)
            #expect(some.out.contains("reason=bad"))
        }
    }

    @Test("A registry that repeats its events does not keep us for ever")
    func repeatedEvents() async throws {
        let row = #"{"index":0,"event":{},"leaf":""}"#
        try await StubServer.run { _ in
            StubAnswer("[\(Array(repeating: row, count: 1_000).joined(separator: ","))]")
        } _: { server in
            #expect(await securectl(["events", "--from", "5", "--server", server.address]).status == 76)
        }
    }
}
