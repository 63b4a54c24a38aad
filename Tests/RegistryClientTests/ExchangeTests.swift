import RegistryClient
import RegistryCore
import RegistryWire
import StrictJSON
import StubRegistry
import Testing

@Suite("Exchange")
struct ExchangeTests {
    @Test("The token goes with every request, and only when there is one")
    func token() async throws {
        try await withClient { _ in
            StubAnswer(Sample.artifact())
        } _: { client, server in
            _ = try await client.artifact(try artifactName())
            #expect(server.requests.map { $0.headers["authorization"] } == ["Bearer topsecret"])
        }
        try await withClient(token: nil) { _ in
            StubAnswer(Sample.artifact())
        } _: { client, server in
            _ = try await client.artifact(try artifactName())
            #expect(server.requests.map { $0.headers["authorization"] } == [nil])
        }
    }

    @Test("A refusal keeps status, code, detail and Retry-After")
    func refusal() async throws {
        try await withClient { _ in
            var answer = StubAnswer.refusal(503, "overloaded", detail: #"{"queue":9}"#)
            answer.headers = [("Retry-After", "7")]
            return answer
        } _: { client, _ in
            let fault = await fault { _ = try await client.artifact(try artifactName()) }
            guard case .refused(let refusal) = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
            #expect(refusal.status == 503)
            #expect(refusal.code == .overloaded)
            #expect(refusal.retryAfter == 7)
            #expect(refusal.document.detail["queue"]?.asNumber?.uint64 == 9)
        }
    }

    @Test("A code that this client does not know is still a refusal")
    func unknownCode() async throws {
        try await withClient { _ in
            .refusal(409, "from_the_future")
        } _: { client, _ in
            let fault = await fault { _ = try await client.artifact(try artifactName()) }
            guard case .refused(let refusal) = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
            #expect(refusal.code == nil)
            #expect(refusal.document.code == "from_the_future")
        }
    }

    @Test(
        "Answers that no registry gives are no success",
        arguments: [
            (301, "", nil as String?), (302, "{}", "http://127.0.0.1:1/elsewhere"), (404, "<html>", nil),
            (500, "", nil),
            (409, "[]", nil), (403, #"{"error":"x"}"#, nil),
        ])
    func foreign(status: Int, body: String, location: String?) async throws {
        let headers = location.map { [("Location", $0)] } ?? []
        try await withClient { _ in
            StubAnswer(status, headers: headers, body)
        } _: { client, server in
            let fault = await fault { _ = try await client.artifact(try artifactName()) }
            guard case .foreignAnswer(status) = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
            #expect(server.requests.count == 1)
        }
    }

    @Test(
        "A success whose body is not the document is no success",
        arguments: [
            "", "null", "[]", "{}", "not json", #"{"name":1}"#, #"{"name":"a","name":"b"}"#,
        ])
    func malformed(body: String) async throws {
        try await withClient { _ in
            StubAnswer(body)
        } _: { client, _ in
            let fault = await fault { _ = try await client.artifact(try artifactName()) }
            guard case .malformedAnswer = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
        }
    }

    @Test("Nobody listening is unreachable at once")
    func unreachable() async throws {
        let silent = try SilentPort()
        let port = silent.number
        let client = RegistryClient(server: try ServerAddress(parsing: "http://127.0.0.1:\(port)"), token: nil)
        let fault = await fault { _ = try await client.health() }
        withExtendedLifetime(silent) {}
        await client.shutdown()
        guard case .unreachable(let server, let reason) = fault else {
            _ = Issue.record("\(String(describing: fault))")
            return
        }
        #expect(reason == "connection refused")
        #expect(server.description == "http://127.0.0.1:\(port)")
    }

    @Test("A registry that does not answer is left in time")
    func silence() async throws {
        let patience = RegistryClient.Patience(answer: .milliseconds(50))
        try await withClient(patience: patience) { _ in
            .silent
        } _: { client, _ in
            let fault = await fault { _ = try await client.artifact(try artifactName()) }
            guard case .timedOut = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
        }
    }

    @Test("An answer that breaks off is no answer")
    func brokenAnswer() async throws {
        let pieces = [Array(Sample.artifact().utf8.prefix(40))]
        try await withClient { _ in
            StubAnswer(pieces: pieces, breaksOff: true)
        } _: { client, _ in
            let fault = await fault { _ = try await client.artifact(try artifactName()) }
            guard case .interrupted = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
        }
    }

    @Test("An answer beyond the limit is not read to its end")
    func tooLarge() async throws {
        try await withClient { _ in
            StubAnswer(pieces: [[UInt8](repeating: 0x61, count: 300 << 10)])
        } _: { client, _ in
            let fault = await fault { _ = try await client.logCheckpoint() }
            guard case .answerTooLarge = fault else {
                _ = Issue.record("\(String(describing: fault))")
                return
            }
        }
    }
}
