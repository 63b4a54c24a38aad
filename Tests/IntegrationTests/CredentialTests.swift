import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("Credentials")
struct CredentialTests {
    private static let mutations: [HTTPRequest] = [
        .post("/v1/model/acquire", ["name": "a", "filename": "f", "sha256": "0"]), .post("/v1/model/quarantine?name=a"),
        .post("/v1/model/promote", ["name": "a"]), .post("/v1/promote", ["name": "a"]),
        .post("/v1/model/revoke?name=a"),
        .delete("/v1/model/delete?name=a"), .delete("/v1/model/a"), .delete("/v1/model/a/content?filename=f&sha256=0"),
        .put("/v1/model/a/content?filename=f&sha256=0", [1]),
    ]
    private static let reads: [HTTPRequest] = [
        .get("/v1/models"), .get("/v1/model?name=a"), .get("/v1/model/a"), .get("/v1/model/path?name=a"),
        .get("/v1/integrity/status"), .get("/v1/stats"), .get("/v1/audit"), .get("/v1/policy"), .get("/metrics"),
        .get("/v1/model/a/events"), .get("/v1/model/a/evidence"), .post("/v1/models/verify-all"),
        .post("/v1/model/verify?name=a"), .post("/v1/model/verify-manifest?name=a"),
        .get("/v1/model/a/tensor-manifest"),
    ]
    private static let open: [HTTPRequest] = [.get("/health"), .get("/livez"), .get("/readyz"), .get("/log/key")]

    @Test("Without a token in its file nothing can be changed, and the answer says why")
    func noToken() async throws {
        try await withRegistry(["token_failures_max": "0"], token: nil) { registry in
            for answer in try await registry.sendAll(Self.mutations, authorized: false) {
                expect(answer, 403, "mutations_disabled")
                #expect(answer.error?.contains("token") == true)
            }
            for answer in try await registry.sendAll(Self.reads + Self.open, authorized: false) {
                #expect(answer.status == 200 || answer.code == "artifact_not_found", "\(answer)")
            }
            // A token that nobody configured opens nothing.
            for answer in try await registry.sendAll(Self.mutations) { expect(answer, 401, "unauthorized") }
            #expect(registry.home.log.contains("no service token is configured"))
        }
    }

    @Test("Changes take the token; without it or with another one the answer is 401 and what to send")
    func mutations() async throws {
        try await withRegistry(["token_failures_max": "0"]) { registry in
            let wrong = [
                nil, "Bearer ", "Bearer", "Bearer x", "Bearer \(RegistryHome.token)x",
                "Bearer \(RegistryHome.token.dropLast())",
                "Basic \(RegistryHome.token)", RegistryHome.token, "Bearer \(RegistryHome.token) ,Bearer x",
                "Bearer \(RegistryHome.token.uppercased())", "Token \(RegistryHome.token)",
            ]
            for credential in wrong {
                let requests = Self.mutations.map { request in
                    var request = request
                    if let credential { request.headers.append(("Authorization", credential)) }
                    return request
                }
                for answer in try await registry.sendAll(requests, authorized: false) {
                    expect(answer, 401, "unauthorized")
                    #expect(answer[header: "www-authenticate"]?.hasPrefix("Bearer") == true)
                }
            }
            #expect(try await registry.kinds() == [])
            for answer in try await registry.sendAll(Self.mutations) { #expect(![401, 403].contains(answer.status)) }
        }
    }

    @Test("The scheme of the credential is written in any case")
    func scheme() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            for scheme in ["bearer", "BEARER", "Bearer"] {
                var request = HTTPRequest.post("/v1/model/quarantine?name=a")
                request.headers.append(("Authorization", "\(scheme) \(RegistryHome.token)"))
                expect(try await registry.send(request), 200)
            }
        }
    }

    @Test("Two credentials are none")
    func twoCredentials() async throws {
        try await withRegistry { registry in
            try await registry.takeIn("a", ModelFiles.gguf(1))
            var request = HTTPRequest.post("/v1/model/revoke?name=a")
            request.headers += [("Authorization", "Bearer x"), ("Authorization", "Bearer \(RegistryHome.token)")]
            let answer = try await registry.send(request)
            #expect([400, 401].contains(answer.status), "\(answer)")
            #expect(try await registry.state(of: "a") == "acquired")
        }
    }

    @Test("On loopback reading takes no token; a wrong one is refused even there")
    func readsOnLoopback() async throws {
        try await withRegistry { registry in
            for answer in try await registry.sendAll(Self.reads + Self.open, authorized: false) {
                #expect(answer.status != 401)
            }
            var request = HTTPRequest.get("/v1/models")
            request.headers.append(("Authorization", "Bearer wrong"))
            expect(try await registry.send(request), 401, "unauthorized")
        }
    }

    @Test("On other addresses reading takes the token, unless anybody may read")
    func readsElsewhere() async throws {
        for isAnonymous in [false, true] {
            let settings = ["bind_addr": "0.0.0.0:0", "anonymous_read": isAnonymous ? "true" : "false"]
            try await withRegistry(settings) { registry in
                for answer in try await registry.sendAll(Self.reads, authorized: false) {
                    #expect((answer.status == 401) == !isAnonymous, "\(answer)")
                }
                for answer in try await registry.sendAll(Self.reads) { #expect(answer.status != 401) }
                for answer in try await registry.sendAll(Self.open, authorized: false) { expect(answer, 200) }
                for answer in try await registry.sendAll(Self.mutations, authorized: false) { expect(answer, 401) }
            }
        }
    }

    @Test("Development mode asks for no token on loopback, warns, and says so in health")
    func developmentMode() async throws {
        try await withRegistry(["insecure_dev_mode": "true"], token: nil) { registry in
            let sha256 = try registry.home.write(ModelFiles.gguf(1), as: "f")
            let answer = try await registry.send(
                .post("/v1/model/acquire", ["name": "a", "filename": "f", "sha256": .string(sha256)]), authorized: false
            )
            expect(answer, 201)
            #expect(try await registry.get("/health").json["auth_required"]?.asBool == false)
            #expect(registry.home.log.contains("INSECURE_DEV_MODE"))
        }
    }

    @Test(
        "Development mode is refused on every other address",
        arguments: ["0.0.0.0:0", "[::]:0", "192.0.2.1:0", ":0", "example.org:0"])
    func developmentModeElsewhere(address: String) async throws {
        let home = try RegistryHome(["insecure_dev_mode": "true", "bind_addr": address])
        let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
        #expect(fault?.status == .exited(78))
        #expect(fault?.log.contains("insecure_dev_mode") == true)
    }

    @Test("Anything but exactly true is no development mode", arguments: ["TRUE", "1", "yes", "true ", ""])
    func almostTrue(value: String) async throws {
        try await withRegistry(["insecure_dev_mode": value]) { registry in
            expect(try await registry.send(.post("/v1/model/revoke?name=a"), authorized: false), 401)
        }
    }

    @Test("A token file that others may read, or that holds too little, keeps the server from starting")
    func badTokenFiles() async throws {
        let long = String(repeating: "k", count: 32)
        for (text, permissions, sentence) in [
            (long, 0o644, "chmod 600"), (long, 0o640, "chmod 600"), (long, 0o660, "chmod 600"),
            (long, 0o602, "chmod 600"),
            ("", 0o600, "32 bytes"), ("   \n", 0o600, "32 bytes"), (String(long.dropLast()), 0o600, "32 bytes"),
            (String(long.dropLast()) + "\n\n\n", 0o600, "32 bytes"), (long + " x", 0o600, "no header field"),
            (long + "\u{0}", 0o600, "no header field"),
        ] {
            let home = try RegistryHome(token: text)
            try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: home.tokenPath)
            let fault = await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
            #expect(fault?.status == .exited(78))
            #expect(fault?.log.contains(sentence) == true, "\(fault?.log ?? "")")
            #expect(fault?.log.contains("kkkk") == false)
        }
    }

    @Test("A token file may end in a line break", arguments: [0o600, 0o400])
    func goodTokenFile(permissions: Int) async throws {
        let home = try RegistryHome(token: RegistryHome.token + "\n")
        try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: home.tokenPath)
        try await withRegistry(home) { registry in try await registry.takeIn("a", ModelFiles.gguf(1)) }
    }

    @Test("The token is in no line of the log and on no disk but its own file")
    func secrecy() async throws {
        let home = try RegistryHome()
        try await withRegistry(home) { registry in
            try await registry.admit("a", ModelFiles.gguf(1))
            _ = try await registry.get("/v1/models?q=\(RegistryHome.token)x")
            var wrong = HTTPRequest.post("/v1/model/revoke?name=a")
            wrong.headers.append(("Authorization", "Bearer wrong-but-secret-0123456789abcdef"))
            _ = try await registry.send(wrong)
        }
        #expect(!home.log.contains("wrong-but-secret"))
        let found = try await FinishedProgram.run(
            "/bin/grep", ["-rlaF", RegistryHome.token, home.path], in: "/tmp")
        #expect(found.output == home.tokenPath + "\n")
    }
}

extension HTTPRequest {
    /// With the service token.
    var authorizedForTest: HTTPRequest {
        var request = self
        request.headers.append(("Authorization", "Bearer \(RegistryHome.token)"))
        return request
    }
}
