import Foundation
import Glibc
import ServerFixture
import StrictJSON
import Testing

@Suite("TLS")
struct TLSTests {
    private static let version = "%{http_version} %{http_code}"

    @Test("Clients get the version of HTTP that they like", arguments: [("--http1.1", "1.1"), ("--http2", "2")])
    func versions(flag: String, version: String) async throws {
        try await SecureServer.with { server in
            let answer = try await server.curl("/health", flag, "-o", "/dev/null", "-w", Self.version)
            #expect(answer.output == "\(version) 200", "\(answer)")
        }
    }

    @Test("A file arrives byte for byte, whole and in part", arguments: ["--http1.1", "--http2"])
    func files(flag: String) async throws {
        let bytes = ModelFiles.largeGGUF(3, megabytes: 20)
        try await SecureServer.with { server in
            let blob = try await server.admit("large", bytes)
            let copy = server.registry.home.path + "/copy"
            let parts = [("0-", bytes[...]), ("5-9000000", bytes[5...9_000_000]), ("-70000", bytes.suffix(70_000))]
            for (range, part) in parts {
                let answer = try await server.curl(blob, flag, "-o", copy, "-H", "Range: bytes=\(range)")
                #expect(answer.status == .exited(0), "\(answer)")
                let received = try #require(FileManager.default.contents(atPath: copy))
                #expect(received.elementsEqual(part), "\(range): \(received.count) bytes")
            }
            let head = try await server.curl(blob, flag, "-I")
            #expect(head.output.lowercased().contains("content-length: \(bytes.count)"), "\(head)")
        }
    }

    @Test("A renewed certificate is shown to the next connection, and a download that runs goes on")
    func renewal() async throws {
        let bytes = ModelFiles.largeGGUF(4, megabytes: 16)
        try await SecureServer.with { server in
            let blob = try await server.admit("large", bytes)
            let copy = server.registry.home.path + "/copy"
            let download = try server.startCurl(blob, "--limit-rate", "4M", "-o", copy)
            try await eventually { FileManager.default.contents(atPath: copy)?.isEmpty == false }
            #expect(try await server.shownSubject() == "CN=shown")
            try server.shown.replace(with: try await server.authority.identity("renewed"))
            try await eventually { try await server.shownSubject() == "CN=renewed" }
            #expect(download.status == nil)
            #expect(try await download.wait(atMost: .seconds(60)) == .exited(0))
            #expect(FileManager.default.contents(atPath: copy)?.elementsEqual(bytes) == true)
        }
    }

    @Test("A broken replacement changes nothing but what /health says")
    func brokenReplacement() async throws {
        try await SecureServer.with { server in
            let whole = try Data(contentsOf: URL(fileURLWithPath: server.shown.certificatePath))
            try Data("nothing\n".utf8).write(to: URL(fileURLWithPath: server.shown.certificatePath))
            let words = "certificate or its key cannot be used"
            try await eventually { try await server.curl("/health").output.contains(words) }
            #expect(try await server.shownSubject() == "CN=shown")
            #expect(server.registry.home.log.contains("holds no certificates in PEM"))
            try whole.write(to: URL(fileURLWithPath: server.shown.certificatePath))
            try await eventually { try await server.curl("/health").output.contains(#""status":"ok""#) }
        }
    }

    @Test(
        "/health says that a certificate has expired, and nothing of one that lives a few days and is new",
        arguments: [(5, #""status":"ok""#), (-1, "has expired")])
    func age(days: Int, words: String) async throws {
        try await SecureServer.with(days: days) { server in
            try await eventually { try await server.curl("/health", "--insecure").output.contains(words) }
        }
    }

    @Test("Who speaks plain HTTP is told that this is TLS")
    func plainRequest() async throws {
        try await SecureServer.with { server in
            let answer = try await server.registry.get("/health")
            #expect(answer.status == 400)
            #expect(answer.text == "This port speaks HTTPS.\n")
        }
    }

    @Test("Bytes that are neither TLS nor HTTP end the connection")
    func noise() async throws {
        try await SecureServer.with { server in
            let address = server.registry.address
            let isClosed = try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                try connection.send([0x80, 0x2E, 0x01, 0x00, 0x02] + [UInt8](repeating: 7, count: 64))
                return connection.isClosed(within: 30)
            }
            #expect(isClosed)
        }
    }

    @Test("A handshake that stops is given up")
    func stoppedHandshake() async throws {
        try await SecureServer.with(["request_head_seconds": "1"]) { server in
            let address = server.registry.address
            let isClosed = try await OwnThread.run {
                let connection = try HTTPConnection(to: address)
                try connection.send([0x16, 0x03, 0x01, 0x02, 0x00, 0x01])
                return connection.isClosed(within: 20)
            }
            #expect(isClosed)
        }
    }

    @Test("Challenges send clients to https")
    func challenge() async throws {
        try await SecureServer.with(["bind_addr": "127.0.0.1:0"]) { server in
            let program = try await FinishedProgram.run(
                "/usr/bin/curl",
                ["-sS", "-i", "--cacert", server.authority.path, "-X", "POST", server.url + "/v2/some/blobs/uploads/"],
                in: server.registry.home.path)
            #expect(program.output.contains(#"realm="\#(server.url)/token""#), "\(program)")
        }
    }

    @Test("A server that cannot show what it should does not start and says why")
    func unusable() async throws {
        let home = try RegistryHome()
        let authority = try await TestAuthority(in: home.path + "/tls")
        let (one, other) = (try await authority.identity("one"), try await authority.identity("other"))
        chmod(other.keyPath, 0o640)
        let cases: [(certificate: String, key: String, words: String)] = [
            (one.certificatePath, "", "tls_key_path: is missing"),
            ("", one.keyPath, "tls_certificate_path: is missing"),
            (one.certificatePath, other.keyPath, "is accessible to others than its owner"),
            (one.certificatePath, one.certificatePath, "is accessible to others"),
            (one.keyPath, one.keyPath, "holds no certificates in PEM"),
            (home.path + "/none", one.keyPath, "does not exist"),
        ]
        for (certificate, key, words) in cases {
            var home = home
            home.settings = ["tls_certificate_path": certificate, "tls_key_path": key]
            let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
            #expect(fault?.status == .exited(78))
            #expect(fault?.log.contains(words) == true, "\(words): \(fault?.log ?? "")")
        }
        chmod(other.keyPath, 0o600)
        var mismatched = home
        mismatched.settings = ["tls_certificate_path": one.certificatePath, "tls_key_path": other.keyPath]
        let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(mismatched) }
        #expect(fault?.log.contains("is not the key to the first certificate") == true, "\(fault?.log ?? "")")
    }
}
