import ServerFixture
import StrictJSON
import Testing

@Suite("Connections")
struct ConnectionTests {
    @Test("A connection carries many requests, one after another")
    func keepAlive() async throws {
        try await withRegistry { registry in
            let address = registry.address
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                for number in 0..<200 {
                    let answer = try connection.exchange(.get(number % 2 == 0 ? "/livez" : "/v1/model?name=x\(number)"))
                    #expect(answer.status == (number % 2 == 0 ? 200 : 404))
                }
            }
        }
    }

    @Test("More connections are held than the soft limit of descriptors that the server was started with")
    func manyConnections() async throws {
        let home = try RegistryHome()
        try await serverPermits.with {
            let limited = ["/bin/sh", "-c", "ulimit -Sn 128; exec \"$@\"", "sh"]
            let registry = try await RunningRegistry(home, runBy: limited)
            let address = registry.address
            try await OwnThread.run {
                let connections = try (0..<256).map { _ in try HTTPConnection(to: address) }
                for connection in connections { #expect(try connection.exchange(.get("/livez")).status == 200) }
                // All of them stay.
                for connection in connections { #expect(try connection.exchange(.get("/livez")).status == 200) }
            }
            #expect(try await registry.stop() == .exited(0))
        }
    }

    @Test("Requests that are sent without waiting are answered in their order")
    func pipelining() async throws {
        try await withRegistry { registry in
            for number in 0..<4 { try await registry.takeIn("m\(number)", ModelFiles.gguf(number)) }
            let address = registry.address
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                for round in 0..<25 {
                    for number in 0..<4 { try connection.send(.get("/v1/model/m\((number + round) % 4)")) }
                }
                for round in 0..<25 {
                    for number in 0..<4 { #expect(try connection.receive()["name"] == "m\((number + round) % 4)") }
                }
            }
        }
    }

    @Test("An answer before the whole body came does not leave the rest to be taken for a request")
    func unreadBody() async throws {
        try await withRegistry { registry in
            let address = registry.address
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                let smuggled = Array("GET /v1/stats HTTP/1.1\r\nHost: \(address.authority)\r\n\r\n".utf8)
                // No token: refused before the body is read.
                try connection.send(HTTPRequest("POST", "/v1/model/promote", body: smuggled))
                expect(try connection.receive(), 401)
                if (try? connection.send(HTTPRequest.get("/livez"))) != nil, let answer = try? connection.receive() {
                    #expect(answer.json == ["status": "ok"], "\(answer)")
                }
            }
        }
    }

    /// Requests that two readers could understand differently. `H` stands for the right host.
    private static let ambiguous: KeyValuePairs = [
        "both lengths":
            "POST /livez HTTP/1.1\r\nHost: H\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG",
        "both, reversed":
            "POST /livez HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\nG",
        "two lengths": "POST /livez HTTP/1.1\r\nHost: H\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
        "listed lengths": "POST /livez HTTP/1.1\r\nHost: H\r\nContent-Length: 5, 5\r\n\r\nhello",
        "negative": "POST /livez HTTP/1.1\r\nHost: H\r\nContent-Length: -1\r\n\r\n",
        "plus": "POST /livez HTTP/1.1\r\nHost: H\r\nContent-Length: +5\r\n\r\nhello",
        "hexadecimal": "POST /livez HTTP/1.1\r\nHost: H\r\nContent-Length: 0x5\r\n\r\nhello",
        "too long": "POST /livez HTTP/1.1\r\nHost: H\r\nContent-Length: 99999999999999999999\r\n\r\n",
        "identity last": "POST /livez HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
        "unknown coding": "POST /livez HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "space before colon": "POST /livez HTTP/1.1\r\nHost: H\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
        "bare feed in chunk":
            "POST /livez HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\n\r\n5;a\nhello\r\n0\r\n\r\n",
        "huge chunk": "POST /livez HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\n",
        "negative chunk":
            "POST /livez HTTP/1.1\r\nHost: H\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nhello\r\n0\r\n\r\n",
        "bare return": "GET /livez HTTP/1.1\r\nHost: H\r\nX: a\rb\r\n\r\n",
        "zero byte": "GET /livez HTTP/1.1\r\nHost: H\r\nX: a\0b\r\n\r\n",
        "space in field": "GET /livez HTTP/1.1\r\nHost: H\r\nX y: a\r\n\r\n",
        "no field name": "GET /livez HTTP/1.1\r\nHost: H\r\n: a\r\n\r\n",
        "folded": "GET /livez HTTP/1.1\r\nHost: H\r\nX: a\r\n folded\r\n\r\n",
        "space before host": "GET /livez HTTP/1.1\r\n Host: H\r\n\r\n",
        "version": "GET /livez HTTP/9.9\r\nHost: H\r\n\r\n",
        "no version": "GET /livez\r\n\r\n",
        "zero in method": "GE\u{0}T /livez HTTP/1.1\r\nHost: H\r\n\r\n",
        "small letters": "get /livez HTTP/1.1\r\nHost: H\r\n\r\n",
        "TLS": "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}",
        "HTTP/2": "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "nothing": "\r\n\r\n\r\n\r\n\r\n\0",
    ]

    @Test("Requests that two readers could understand differently are refused, and the connection ends")
    func smuggling() async throws {
        try await withRegistry { registry in
            let address = registry.address
            for (name, text) in Self.ambiguous {
                let answers = try await OwnThread.run {
                    let connection = try HTTPConnection(to: address, waitingAtMost: 10)
                    let marker = "GET /v1/stats HTTP/1.1\r\nHost: \(address.authority)\r\n\r\n"
                    let request = text.replacing("Host: H", with: "Host: \(address.authority)")
                    try connection.send(Array((request + marker).utf8))
                    connection.finishSending()
                    return String(decoding: try connection.readToEnd(), as: UTF8.self)
                }
                let isRefused = answers.isEmpty || answers.hasPrefix("HTTP/1.1 4") || answers.hasPrefix("HTTP/1.1 501")
                #expect(isRefused, "\(name): \(answers)")
                #expect(!answers.contains("log_size"), "\(name): the rest was taken for a request")
            }
            expect(try await registry.get("/livez"), 200)
        }
    }

    @Test("Header fields beyond their limits are refused and the connection ends")
    func headerLimits() async throws {
        try await withRegistry { registry in
            let address = registry.address
            let large = String(repeating: "a", count: 40_000)
            let many = (0..<150).map { "X-\($0): 1\r\n" }.joined()
            let several = (0..<60).map { "X-\($0): \(String(repeating: "b", count: 1_000))\r\n" }.joined()
            for fields in [
                "X: \(large)\r\n", "\(large): 1\r\n", many, several, "X: \(String(repeating: "c", count: 1 << 20))\r\n",
            ] {
                try await OwnThread.run {
                    let connection = try HTTPConnection(to: address)
                    let head = "GET /livez HTTP/1.1\r\nHost: \(address.authority)\r\n\(fields)\r\n"
                    _ = try? connection.send(Array(head.utf8))
                    guard let answer = try? connection.receive() else {
                        return #expect(connection.isClosed(within: 10))
                    }
                    #expect([400, 431].contains(answer.status), "\(answer)")
                    #expect(connection.isClosed(within: 10))
                }
            }
            let ninety = (0..<90).map { "X-\($0): 1\r\n" }.joined()
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                try connection.send(Array("GET /livez HTTP/1.1\r\nHost: \(address.authority)\r\n\(ninety)\r\n".utf8))
                expect(try connection.receive(), 200)
            }
        }
    }

    @Test("A request line of any length takes little memory")
    func requestLine() async throws {
        try await withRegistry(["idle_connection_seconds": "2"]) { registry in
            let address = registry.address
            let before = try registry.peakResidentBytes()
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                _ = try? connection.send(
                    Array("GET /livez?\(String(repeating: "a", count: 16 << 20)) HTTP/1.1\r\n\r\n".utf8))
                if let answer = try? connection.receive() { #expect((400..<500).contains(answer.status)) }
                #expect(connection.isClosed(within: 15))
            }
            #expect(try registry.peakResidentBytes() - before < 12 << 20)
            expect(try await registry.get("/livez"), 200)
        }
    }

    @Test(
        "A connection on which nothing comes is closed",
        arguments: ["", "GET /livez HTTP/1.1\r\nHost: x\r\n", "GET /li"])
    func idle(beginning: String) async throws {
        let settings = ["idle_connection_seconds": "1", "request_head_seconds": "1"]
        try await withRegistry(settings) { registry in
            let address = registry.address
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                try connection.send(Array(beginning.utf8))
                #expect(connection.isClosed(within: 15))
            }
        }
    }

    @Test("A body that stops coming does not keep its connection for ever")
    func stalledBody() async throws {
        try await withRegistry(["idle_connection_seconds": "1", "stalled_client_seconds": "1"]) { registry in
            let address = registry.address
            try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                let target = "/v1/model/a/content?filename=f&sha256=\(String(repeating: "0", count: 64))"
                try connection.send(
                    HTTPRequest("PUT", target, headers: [("Content-Length", "1000000")]).authorizedForTest)
                try connection.send([UInt8](repeating: 1, count: 1_000))
                #expect(connection.isClosed(within: 20))
            }
        }
    }

    @Test("Hundreds of connections at a time are served")
    func many() async throws {
        try await withRegistry { registry in
            let address = registry.address
            try await OwnThread.run {
                let connections = try (0..<400).map { _ in try HTTPConnection(to: address) }
                for connection in connections { try connection.send(.get("/livez")) }
                for connection in connections { expect(try connection.receive(), 200) }
            }
        }
    }
}
