import Foundation
import ServerFixture
import StrictJSON
import Testing

@Suite("The file of credentials")
struct CredentialFileTests {
    private static let ci = CredentialFile.Entry("ci", ["pull"], on: ["**"])

    private func status(_ registry: RunningRegistry, _ authorization: String) async throws -> Int {
        try await registry.send(.get("/v2/", ("Authorization", authorization)), authorized: false).status
    }

    private static func bearer(_ name: String) -> String { "Bearer \(CredentialFile.token(of: name))" }

    @Test("A credential that is taken out of the file, and what was issued for it, ends within a second")
    func removed() async throws {
        var home = try RegistryHome(["token_failures_max": "0"])
        var file = try CredentialFile(in: home, [Self.ci])
        home.settings["credentials_path"] = file.path
        try await withRegistry(home) { registry in
            let answer = try await registry.send(
                .get("/token?scope=repository:a:pull", ("Authorization", Self.bearer("ci"))), authorized: false)
            let issued = "Bearer " + (try #require(answer["token"]))
            for authorization in [Self.bearer("ci"), issued] {
                #expect(try await status(registry, authorization) == 200)
            }
            #expect(try await status(registry, Self.bearer("new")) == 401)
            file.entries = [CredentialFile.Entry("new", ["pull"], on: ["**"])]
            try file.write()
            let start = ContinuousClock.now
            try await eventually { try await status(registry, issued) == 401 }
            #expect(start.duration(to: .now) < .seconds(1))
            #expect(try await status(registry, Self.bearer("ci")) == 401)
            #expect(try await status(registry, Self.bearer("new")) == 200)
        }
    }

    @Test("A file that cannot be used leaves the older credentials in force, and health says so until it can")
    func unusable() async throws {
        var home = try RegistryHome(["token_failures_max": "0"])
        let file = try CredentialFile(in: home, [Self.ci])
        home.settings["credentials_path"] = file.path
        try await withRegistry(home) { registry in
            func reasons() async throws -> String { try await registry.get("/health").text }
            let damages: [() throws -> Void] = [
                { try file.write("version: 1\ncredentials:\n  - {\n") }, { try file.write("") },
                { try file.write("version: 1\ncredentials:\n  - name: secret-text\n") },
                { try FileManager.default.removeItem(atPath: file.path) },
                { try FileManager.default.setAttributes([.posixPermissions: 0o620], ofItemAtPath: file.path) },
            ]
            for damage in damages {
                try damage()
                try await eventually { try await reasons().contains("file of credentials") }
                #expect(try await registry.get("/readyz").status == 503)
                #expect(try await status(registry, Self.bearer("ci")) == 200)
                try file.write()
                try await eventually { try await registry.get("/readyz").status == 200 }
            }
            #expect(!home.log.contains("secret-text"))
        }
    }

    @Test("A file with a mistake, of others, or that is not there keeps the server from starting, and says where")
    func start() async throws {
        var home = try RegistryHome()
        let file = try CredentialFile(in: home, [Self.ci])
        home.settings["credentials_path"] = file.path
        func fault() async throws -> StartFault? {
            await #expect(throws: StartFault.self) { try await RunningRegistry(home) }
        }
        for (text, sentence) in [
            ("version: 1\ncredentials: [{name: ci}]\n", "credentials.yaml:2: credential 1: "),
            ("version: 1\ncredentials:\n  - *x\n", "aliases are not accepted at line 3"),
            ("version: 2\n", "credentials.yaml:1: "),
        ] {
            try file.write(text)
            let fault = try await fault()
            #expect(fault?.status == .exited(78))
            #expect(fault?.log.contains(sentence) == true, "\(fault?.log ?? "")")
        }
        try file.write()
        for permissions in [0o660, 0o602] {
            try FileManager.default.setAttributes([.posixPermissions: permissions], ofItemAtPath: file.path)
            #expect(try await fault()?.log.contains("chmod go-w") == true)
        }
        try FileManager.default.removeItem(atPath: file.path)
        #expect(try await fault()?.log.contains("does not exist") == true)
        try file.write()
        let check = try await FinishedProgram.run(
            BuiltPrograms.pratique, ["serve", "--check-config"] + home.arguments, in: home.path)
        #expect(check.status == .exited(0))
        #expect(check.errors.contains(", credentials: 1"), "\(check)")
    }

    @Test("No secret that was shown is in the log or on the disk")
    func secrecy() async throws {
        var home = try RegistryHome(["log_level": "trace", "token_failures_max": "0"])
        home.settings["credentials_path"] = try CredentialFile(in: home, [Self.ci]).path
        let token = CredentialFile.token(of: "ci")
        var secrets = [token, "wrong-secret-0123456789abcdef0123456789", Data("x:\(token)".utf8).base64EncodedString()]
        try await withRegistry(home) { registry in
            var request = HTTPRequest.get("/token?scope=repository:a:pull", ("Authorization", "Basic \(secrets[2])"))
            secrets.append(try #require(try await registry.send(request, authorized: false)["token"]))
            request.headers = [("Authorization", "Bearer \(secrets[1])")]
            expect(try await registry.send(request, authorized: false), 401)
            var form = HTTPRequest("POST", "/token", headers: [("Content-Type", "application/x-www-form-urlencoded")])
            for password in [token, secrets[1]] {
                form.body = Array("grant_type=password&username=x&password=\(password)".utf8)
                let answer = try await registry.send(form, authorized: false)
                #expect(answer.status == (password == token ? 200 : 401))
                #expect(!answer.text.contains(password))
            }
            for secret in secrets {
                _ = try await registry.send(
                    .get("/v2/a/tags/list", ("Authorization", "Bearer \(secret)")), authorized: false)
            }
        }
        for secret in secrets {
            let found = try await FinishedProgram.run("/bin/grep", ["-rlaF", secret, home.path], in: "/tmp")
            #expect(found.output.isEmpty, "\(found.output)")
        }
    }
}
