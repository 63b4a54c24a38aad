import RegistryClient
import Signing
import SigningServices
import StubRegistry
import Testing

@Suite("Signing services that take their time")
struct SlowServiceTests {
    @Test("A service that does not answer is given up, and one whose answer does not end", arguments: [true, false])
    func slow(isDripping: Bool) async throws {
        try await StubServer.run { _ in
            isDripping ? .dripping : .silent
        } _: { server in
            let http = ServiceHTTP(answerSeconds: 1)
            let log = SignatureLog(try ServerAddress(parsing: server.address), .v2, over: http)
            let content = BundleDraft.Content.message(sha256: [UInt8](repeating: 1, count: 32), signature: [1])
            await #expect(
                throws: ServiceFault.unavailable(service: server.address, reason: "it takes too long")
            ) { _ = try await log.enter(content, certificate: [0x30, 0x00]) }
            await http.shutdown()
            #expect(server.requests.count == 1)
        }
    }
}
