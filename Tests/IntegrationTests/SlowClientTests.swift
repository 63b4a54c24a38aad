import FileTestSupport
import ServerFixture
import StrictJSON
import Testing

@Suite("Slow clients")
struct SlowClientTests {
    @Test("Clients that stop reading a long list disturb nobody, take little memory, and are cut off")
    func slowReaders() async throws {
        try await withRegistry(["stalled_client_seconds": "2", "idle_connection_seconds": "300"]) { registry in
            let sockets = try registry.openSockets()
            try await fill(registry, 1_000, [("source", .string(String(repeating: "s", count: 1_000)))])
            let address = registry.address
            let before = try registry.peakResidentBytes()
            let slow = try await OwnThread.run {
                try (0..<32).map { _ in
                    let connection = try HTTPConnection(to: address, receiveBytes: 4_096)
                    // More answers than the kernel's buffers of both ends can hold.
                    for _ in 0..<12 { try connection.send(.get("/v1/models")) }
                    return connection
                }
            }
            // Meanwhile everybody else is served, changes included.
            for _ in 0..<20 {
                expect(try await registry.get("/livez"), 200)
                #expect(try await registry.get("/v1/models?limit=10").names.count == 10)
            }
            try await registry.admit("meanwhile", ModelFiles.gguf(9))
            // The clients themselves cannot see it before they read what is on its way to them.
            try await eventually { try registry.openSockets() <= sockets }
            _ = slow.count
            // Answers of 2 MB each: what was made and not taken is bounded by one for each client.
            #expect(try registry.peakResidentBytes() - before < 400 << 20)
        }
    }

    @Test("Clients that send their request letter by letter disturb nobody")
    func slowSenders() async throws {
        try await withRegistry { registry in
            let address = registry.address
            let connections = try await OwnThread.run {
                try (0..<200).map { _ in
                    let connection = try HTTPConnection(to: address)
                    try connection.send(Array("GET /livez HTTP/1.1\r\nHo".utf8))
                    return connection
                }
            }
            for _ in 0..<20 { expect(try await registry.get("/livez"), 200) }
            try await registry.admit("meanwhile", ModelFiles.gguf(9))
            try await OwnThread.run {
                for connection in connections {
                    try connection.send(Array("st: \(address.authority)\r\n\r\n".utf8))
                    expect(try connection.receive(), 200)
                }
            }
        }
    }
}
