import ServerFixture
import StrictJSON
import Testing

@Suite("Host and Origin")
struct HostTests {
    private static let requests: [HTTPRequest] = [
        .get("/health"), .get("/v1/models"), .get("/metrics"), .get("/log/key"), .post("/v1/models/verify-all"),
        .post("/v1/model/revoke?name=a"), .get("/nothing"),
    ]

    private func send(
        _ registry: RunningRegistry, _ headers: [(name: String, value: String)]
    ) async throws -> [HTTPResponse] {
        try await registry.sendAll(
            Self.requests.map { request in
                var request = request
                request.headers += headers
                return request
            })
    }

    @Test(
        "A name that is not this registry's is answered by 421, whatever is asked for",
        arguments: [
            "evil.example", "evil.example:8470", "localhost.evil.example", "127.0.0.1.evil.example", "evil-localhost",
            "0x7f.1", "2130706433", "127.1", "127.0.0.1@evil.example", "evil.example#localhost", "[::1].evil.example",
            "localhost:80:80", "", " ", "localhost/", "localhost\\", "127.0.0.1,evil.example", "[evil.example]",
        ])
    func otherHosts(host: String) async throws {
        try await withRegistry { registry in
            for answer in try await send(registry, [("Host", host)]) {
                #expect([400, 421].contains(answer.status), "\(answer)")
            }
        }
    }

    @Test(
        "Its own names and addresses are answered",
        arguments: ["localhost", "LOCALHOST:1", "127.0.0.1", "[::1]", "[::1]:8470", "10.0.0.1"])
    func ownHosts(host: String) async throws {
        try await withRegistry { registry in
            let answers = try await send(registry, [("Host", host)])
            #expect(answers.map(\.status) == [200, 200, 200, 200, 200, 404, 404])
        }
    }

    @Test("A configured name is its own, and no other")
    func configured() async throws {
        try await withRegistry(["allowed_hosts": "models.example.org, other.example"]) { registry in
            for host in ["models.example.org", "Models.Example.org:443", "other.example"] {
                #expect(try await send(registry, [("Host", host)]).first?.status == 200)
            }
            for host in ["example.org", "a.models.example.org", "models.example.org.evil"] {
                expect(try #require(try await send(registry, [("Host", host)]).first), 421, "host_not_allowed")
            }
        }
    }

    @Test(
        "Reads take the token where something else than this machine's programs may ask",
        arguments: [
            (["allowed_hosts": "models.example.org"], 401), (["external_url": "https://models.example.org"], 401),
            (["anonymous_read": "false"], 401), (["allowed_hosts": "localhost,127.0.0.1"], 200),
            (["external_url": "http://[::1]:8470"], 200), (["anonymous_read": ""], 200),
            (["external_url": "https://models.example.org", "anonymous_read": "true"], 200),
        ])
    func openReads(settings: [String: String], status: Int) async throws {
        try await withRegistry(settings) { registry in
            let answers = try await registry.sendAll([.get("/v1/models")], authorized: false)
            #expect(answers.first?.status == status)
        }
    }

    @Test("A request without Host, or with somebody else's before ours, is refused")
    func oddHosts() async throws {
        try await withRegistry { registry in
            let (address, host) = (registry.address, registry.address.authority)
            try await OwnThread.run {
                for fields in ["Host: evil.example\r\nHost: \(host)\r\n", ""] {
                    let connection = try HTTPConnection(to: address)
                    try connection.send(Array("GET /v1/models HTTP/1.1\r\n\(fields)\r\n".utf8))
                    let answer = try connection.receive()
                    #expect([400, 421].contains(answer.status), "\(fields) \(answer)")
                }
            }
        }
    }

    @Test(
        "Pages of other origins are refused, with a token too",
        arguments: [
            "http://evil.example", "https://evil.example:8470", "null", "http://localhost.evil.example",
            "http://localhost:1",
            "file://", "chrome-extension://abc", "http://", "127.0.0.1", "http://127.0.0.1", "",
        ])
    func otherOrigins(origin: String) async throws {
        try await withRegistry { registry in
            for answer in try await send(registry, [("Origin", origin)]) { expect(answer, 403, "origin_not_allowed") }
        }
    }

    @Test("Its own origin is answered")
    func ownOrigin() async throws {
        try await withRegistry { registry in
            let answers = try await send(registry, [("Origin", "http://\(registry.address.authority)")])
            #expect(answers.map(\.status) == [200, 200, 200, 200, 200, 404, 404])
        }
    }

    @Test("No answer invites other origins")
    func noCrossOrigin() async throws {
        try await withRegistry { registry in
            for answer in try await send(registry, [("Origin", "http://evil.example")]) + send(registry, []) {
                #expect(!answer.headers.contains { $0.name.lowercased().hasPrefix("access-control-") })
            }
            expect(try await registry.send(HTTPRequest("OPTIONS", "/v1/models")), 405)
        }
    }
}
