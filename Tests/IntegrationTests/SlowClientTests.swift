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

    /// Waits for about a second of the server's own time, however busy the machine is: for the end that it makes of a
    /// request whose head does not come. Needs `request_head_seconds` to be 1.
    private static func second(_ address: ServerAddress) throws {
        let clock = try HTTPConnection(to: address)
        try clock.send(Array("GET".utf8))
        #expect(clock.isClosed(within: 20))
    }

    @Test("A client that reads slowly and steadily gets all of its answer")
    func steadyReader() async throws {
        try await withRegistry(["stalled_client_seconds": "2", "request_head_seconds": "1"]) { registry in
            try await fill(registry, 1_000, [("source", .string(String(repeating: "s", count: 1_000)))])
            let address = registry.address
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address, receiveBytes: 64 << 10)
                for _ in 0..<8 { try connection.send(.get("/v1/models")) }
                var read = 0
                for _ in 0..<6 {
                    try Self.second(address)
                    var piece = 0
                    while piece < 200_000, case let more = try connection.read(atMost: 50_000), !more.isEmpty {
                        piece += more.count
                    }
                    read += piece
                }
                #expect(read >= 1_200_000)
                connection.finishSending()
                while case let more = try connection.read(atMost: 1 << 20), !more.isEmpty { read += more.count }
                // Answers of more than a megabyte each.
                #expect(read > 8_000_000, "\(read)")
            }
        }
    }

    @Test("A client that takes a little now and then is cut off like one that takes nothing")
    func tricklingReader() async throws {
        try await withRegistry(["stalled_client_seconds": "2", "request_head_seconds": "1"]) { registry in
            try await fill(registry, 1_000, [("source", .string(String(repeating: "s", count: 1_000)))])
            let address = registry.address
            let sockets = try registry.openSockets()
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address, receiveBytes: 4_096)
                for _ in 0..<12 { try connection.send(.get("/v1/models")) }
                for _ in 0..<8 {
                    try Self.second(address)
                    #expect(try connection.read(atMost: 100).count == 100)
                    if try registry.openSockets() <= sockets { return }
                }
                Issue.record("still connected after eight seconds at 100 bytes each")
            }
        }
    }

    @Test("The head of a request has to come in time, letter by letter or not")
    func slowHead() async throws {
        try await withRegistry(["request_head_seconds": "1", "idle_connection_seconds": "300"]) { registry in
            let address = registry.address
            try await OwnThread.run {
                let (slow, other) = (try HTTPConnection(to: address), try HTTPConnection(to: address))
                // The second request of a connection has no more time than its first.
                expect(try slow.exchange(.get("/livez")), 200)
                try slow.send(Array("GET /livez HTTP/1.1\r\nX: ".utf8))
                let end = ContinuousClock.now + .seconds(20)
                while (try? slow.send([UInt8(ascii: "a")])) != nil {
                    expect(try other.exchange(.get("/livez")), 200)
                    guard ContinuousClock.now < end else {
                        _ = Issue.record("still connected")
                        return
                    }
                }
            }
        }
    }

    @Test("A body has to come at a kilobyte a second on average", arguments: [100, 5_000])
    func slowBody(bytesPerSecond: Int) async throws {
        let settings = ["stalled_client_seconds": "2", "request_head_seconds": "1", "idle_connection_seconds": "300"]
        try await withRegistry(settings) { registry in
            let address = registry.address
            let bytes = ModelFiles.gguf(1) + [UInt8](repeating: 0, count: 30_000)
            let target = "/v1/model/a/content?filename=a.gguf&sha256=\(sha256(bytes))"
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                try connection.send(
                    HTTPRequest("PUT", target, headers: [("Content-Length", String(bytes.count))]).authorizedForTest)
                var sent = 0
                for _ in 0..<8 where sent < bytes.count {
                    let piece = Array(bytes[sent..<min(bytes.count, sent + bytesPerSecond)])
                    guard (try? connection.send(piece)) != nil else { break }
                    sent += piece.count
                    try Self.second(address)
                }
                if bytesPerSecond > 1_024 {
                    #expect(sent == bytes.count)
                    #expect([200, 201].contains(try connection.receive().status))
                } else {
                    #expect(connection.isClosed(within: 1))
                    #expect(sent < 800)
                }
            }
        }
    }
}
