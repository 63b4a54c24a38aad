import RegistryClient
import RegistryCore
import RegistryWire
import StubRegistry
import Synchronization
import Testing

@Suite("Long work")
struct LongWorkTests {
    private static let report = #"{"phase":"hashing","file":"a.gguf","bytes_done":10,"bytes_total":20}"#

    /// A stream of events, in pieces of so many bytes.
    private static func streamed(_ events: (String, String)..., pieces: Int = 40) -> StubAnswer {
        let text = events.map { "event: \($0.0)\ndata: \($0.1)\n\n: \n\n" }.joined()
        return StubAnswer(
            headers: [("Content-Type", "text/event-stream")],
            pieces: stride(from: 0, to: text.utf8.count, by: pieces).map { start in
                Array(text.utf8.dropFirst(start).prefix(pieces))
            })
    }

    @Test("Reports are handed on, and the last event is the answer")
    func answered() async throws {
        let last = #"{"status":201,"document":\#(Sample.artifact())}"#
        try await withClient { _ in
            Self.streamed(("progress", Self.report), ("something-new", "[]"), ("answer", last))
        } _: { client, server in
            let seen = Mutex<[ProgressDocument]>([])
            let request = PromoteRequest(name: Sample.name)
            let artifact = try await client.promote(request) { report in seen.withLock { $0.append(report) } }
            #expect(artifact.name == Sample.name)
            let report = ProgressDocument(phase: "hashing", file: "a.gguf", bytesDone: 10, bytesTotal: 20)
            #expect(seen.withLock { $0 } == [report])
            #expect(server.requests[0].headers["accept"]?.hasPrefix("text/event-stream") == true)
        }
    }

    @Test("A refusal in the last event is a refusal")
    func refused() async throws {
        let last = #"{"status":422,"document":{"error":"No.","code":"policy_refused"}}"#
        try await withClient { _ in
            Self.streamed(("answer", last))
        } _: { client, _ in
            let fault = await fault { _ = try await client.promote(PromoteRequest(name: Sample.name)) }
            #expect(fault?.code == .policyRefused)
            #expect(fault?.status == 422)
        }
    }

    @Test("Damage in the last event is an answer, as it is in a plain one")
    func damaged() async throws {
        try await withClient { _ in
            Self.streamed(("answer", #"{"status":409,"document":\#(VerificationTests.failed)}"#))
        } _: { client, _ in
            let document = try await client.verify(try artifactName("a"))
            #expect(document.status == "failed")
        }
    }

    @Test("A stream that ends before its answer says nothing", arguments: [true, false])
    func cutOff(breaksOff: Bool) async throws {
        try await withClient { _ in
            var answer = Self.streamed(("progress", Self.report), ("progress", Self.report))
            answer.breaksOff = breaksOff
            return answer
        } _: { client, _ in
            let fault = await fault { _ = try await client.verify(try artifactName()) }
            guard case .interrupted = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
        }
    }

    @Test(
        "Events that cannot be read are no answer",
        arguments: [
            ("answer", "{"), ("answer", #"{"status":99,"document":{}}"#), ("progress", "[]"),
            ("answer", #"{"status":200,"document":{"name":1}}"#),
        ])
    func malformed(name: String, data: String) async throws {
        try await withClient { _ in
            Self.streamed((name, data))
        } _: { client, _ in
            let fault = await fault { _ = try await client.verify(try artifactName()) }
            guard case .malformedAnswer = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
        }
    }
}
