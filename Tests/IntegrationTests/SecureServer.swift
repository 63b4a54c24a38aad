import Foundation
import ServerFixture

/// A registry that speaks TLS, asked with curl.
struct SecureServer: Sendable {
    let registry: RunningRegistry
    let authority: TestAuthority
    /// In the files that the server was told of.
    let shown: TestAuthority.Identity

    /// Runs a test against a server with a certificate of its own.
    static func with(
        _ settings: [String: String] = [:], days: Int = 30, _ body: (SecureServer) async throws -> Void
    ) async throws {
        var home = try RegistryHome()
        let authority = try await TestAuthority(in: home.path + "/tls")
        let shown = try await authority.identity("shown", days: days)
        home.settings = settings.merging(shown.settings) { $1 }
        try await withRegistry(home) { registry in
            try await body(SecureServer(registry: registry, authority: authority, shown: shown))
        }
    }

    var url: String { "https://\(registry.address.authority)" }

    /// What curl says of a request with the service token: the body on `output`, its own words on `errors`.
    func curl(_ target: String, _ arguments: String...) async throws -> FinishedProgram {
        try await FinishedProgram.run("/usr/bin/curl", self.arguments(target, arguments), in: registry.home.path)
    }

    /// A request that goes on while the test does other things.
    func startCurl(_ target: String, _ arguments: String...) throws -> ChildProcess {
        try ChildProcess("/usr/bin/curl", self.arguments(target, arguments))
    }

    private func arguments(_ target: String, _ more: [String]) -> [String] {
        let own = ["-sS", "--cacert", authority.path, "-H", "Authorization: Bearer \(RegistryHome.token)"]
        return own + more + [url + target]
    }

    /// Sends a document.
    func post(_ target: String, _ json: String) async throws -> FinishedProgram {
        try await curl(target, "--fail-with-body", "-H", "Content-Type: application/json", "-d", json)
    }

    /// Takes bytes in and promotes them.
    ///
    /// - Returns: the path of their blob.
    func admit(_ name: String, _ bytes: [UInt8]) async throws -> String {
        let digest = try registry.home.write(bytes, as: "incoming/\(name).gguf")
        let document = #"{"name":"\#(name)","filename":"incoming/\#(name).gguf","sha256":"\#(digest)"}"#
        for verb in ["acquire", "promote"] {
            let answer = try await post("/v1/model/\(verb)", verb == "acquire" ? document : #"{"name":"\#(name)"}"#)
            guard answer.status == .exited(0) else { throw FixtureFault("\(verb): \(answer)") }
        }
        return "/v2/\(name)/blobs/sha256:\(digest)"
    }

    /// The subject of the certificate that is shown to a new connection, from the handshake.
    func shownSubject() async throws -> String {
        let words = try await curl("/health", "-v", "-o", "/dev/null").errors
        let line = words.split(separator: "\n").first { $0.contains("subject:") }
        return line.map { String($0.drop { $0 != ":" }.dropFirst(2)) } ?? ""
    }
}
