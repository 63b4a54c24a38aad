import RegistryClient
import RegistryCore
import RegistryWire
import StubRegistry
import Synchronization
import Testing

@Suite("Verification")
struct VerificationTests {
    static let failed = """
        {"name":"a","status":"failed","safe_to_use":"false","sha256":"ab","state":"quarantined","expected":"ab",\
        "actual":"cd"}
        """
    static let verified = #"{"name":"a","status":"verified","safe_to_use":"true","sha256":"ab","state":"trusted"}"#
    static let sweep =
        #"{"status":"ok","checked":1,"failures":0,"verified_at":"2026-11-21T10:00:00Z","models":[\#(verified)]}"#

    @Test("Bytes that do not match are an answer")
    func mismatch() async throws {
        try await withClient { _ in
            StubAnswer(409, Self.failed)
        } _: { client, server in
            let document = try await client.verify(try artifactName("a"))
            #expect(document.status == "failed")
            #expect(document.actual == "cd")
            #expect(server.requests[0].method == "POST")
        }
    }

    @Test("A conflict of another kind is a refusal")
    func conflict() async throws {
        try await withClient { _ in
            .refusal(409, "state_conflict")
        } _: { client, _ in
            let fault = await fault { _ = try await client.verify(try artifactName()) }
            #expect(fault?.code == .stateConflict)
        }
    }

    @Test("A sweep streams its rows, then its result")
    func stream() async throws {
        let stream = """
            event: model
            data: \(Self.verified)

            event: something-new
            data: {}

            event: done
            data: \(Self.sweep)


            """
        let pieces = stride(from: 0, to: stream.utf8.count, by: 50).map { start in
            Array(stream.utf8.dropFirst(start).prefix(50))
        }
        try await withClient { _ in
            StubAnswer(headers: [("Content-Type", "text/event-stream")], pieces: pieces)
        } _: { client, server in
            let seen = Mutex<[VerificationDocument]>([])
            let result = try await client.verifyAll { row in seen.withLock { $0.append(row) } }
            #expect(result.checked == 1)
            #expect(seen.withLock { $0.map(\.name) } == ["a"])
            #expect(server.requests[0].headers["accept"]?.hasPrefix("text/event-stream") == true)
        }
    }

    @Test("A stream that ends before its result says nothing", arguments: [true, false])
    func truncatedStream(breaksOff: Bool) async throws {
        let row = Array("event: model\ndata: \(Self.verified)\n\n".utf8)
        try await withClient { _ in
            StubAnswer(headers: [("Content-Type", "text/event-stream")], pieces: [row, row], breaksOff: breaksOff)
        } _: { client, _ in
            let fault = await fault { _ = try await client.verifyAll() }
            guard case .interrupted = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
        }
    }

    @Test("A refusal inside the stream is a refusal")
    func refusedStream() async throws {
        let stream = "event: error\ndata: {\"error\":\"No.\",\"code\":\"storage_unavailable\"}\n\n"
        try await withClient { _ in
            StubAnswer(headers: [("Content-Type", "text/event-stream")], stream)
        } _: { client, _ in
            let fault = await fault { _ = try await client.verifyAll() }
            #expect(fault?.code == .storageUnavailable)
            #expect(fault?.status == 503)
        }
    }

    @Test("Events that are not what they should be are no result", arguments: ["{", "[]", #"{"status":1}"#])
    func malformedStream(data: String) async throws {
        try await withClient { _ in
            StubAnswer(headers: [("Content-Type", "text/event-stream")], "event: done\ndata: \(data)\n\n")
        } _: { client, _ in
            let fault = await fault { _ = try await client.verifyAll() }
            guard case .malformedAnswer = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
        }
    }

    @Test("A row that is not what it should be is an answer that cannot be read, and so is a line without an end")
    func malformedRow() async throws {
        for stream in ["event: model\ndata: {\"name\":1}\n\n", String(repeating: "x", count: 65 << 20)] {
            try await withClient { _ in
                StubAnswer(headers: [("Content-Type", "text/event-stream")], stream)
            } _: { client, _ in
                switch await fault({ _ = try await client.verifyAll() }) {
                case .malformedAnswer, .answerTooLarge: break
                case let other: _ = Issue.record("\(String(describing: other))")
                }
            }
        }
    }

    @Test("An answer about another artifact is no answer")
    func otherArtifact() async throws {
        try await withClient { request in
            request.path == "/v1/model/verify"
                ? StubAnswer(Self.verified) : StubAnswer(#"{"name":"a","status":"verified","tensors":2,"changed":[]}"#)
        } _: { client, _ in
            for call in [
                { _ = try await client.verify(try artifactName()) },
                { _ = try await client.verifyTensors(of: try artifactName()) },
            ] as [() async throws -> Void] {
                guard case .malformedAnswer = await fault(call) else {
                    _ = Issue.record("taken for an answer")
                    return
                }
            }
        }
    }

    @Test("Tensors are checked for one artifact or for all", arguments: [200, 409])
    func tensors(status: Int) async throws {
        let row = #"{"name":"a","status":"failed","tensors":2,"changed":["blk.0.x"]}"#
        try await withClient { request in
            StubAnswer(status, request.query["name"] == nil ? #"{"status":"failed","models":[\#(row)]}"# : row)
        } _: { client, _ in
            let one = try await client.verifyTensors(of: try artifactName("a"))
            let all = try await client.verifyAllTensors()
            #expect(one.changed == ["blk.0.x"])
            #expect(all.models == [one])
        }
    }

    @Test("A registry that does not stream answers at once", arguments: [200, 409])
    func unstreamed(status: Int) async throws {
        try await withClient { _ in
            StubAnswer(status, headers: [("Content-Type", "application/json")], Self.sweep)
        } _: { client, _ in
            let answer = try await client.verifyAll()
            #expect(answer.models.count == 1)
        }
    }
}
