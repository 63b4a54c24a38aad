import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import NIOCore
import OCI
import RegistryCore
import RouteSupport
import Synchronization

/// Rules, the credentials that they know, and a clock that moves when it is told to.
final class AccessScene: Sendable {
    static let serviceToken = "0123456789abcdef0123456789abcdef-service"
    static let ciToken = "0123456789abcdef0123456789abcdef-ci"
    static let reviewerToken = "0123456789abcdef0123456789abcdef-reviewer"
    static let start: Int64 = 1_800_000_000
    static let tokenKey = [UInt8](repeating: 7, count: 32)

    let book = CredentialBook()
    let rules: AccessRules
    private let time: Clock

    private final class Clock: Sendable {
        let milliseconds = Atomic<Int64>(AccessScene.start * 1_000)
    }

    init(
        isDevelopment: Bool = false, readsAreOpen: Bool = true, serviceToken: String? = AccessScene.serviceToken,
        tokenKey: [UInt8] = AccessScene.tokenKey, externalURL: String? = nil
    ) throws {
        let time = Clock()
        self.time = time
        rules = AccessRules(
            AccessRules.Settings(
                serviceToken: serviceToken.map { Array($0.utf8) }, isDevelopment: isDevelopment,
                readsAreOpen: readsAreOpen, tokenSeconds: 300),
            credentials: book, tokenKey: tokenKey,
            origin: RegistryOrigin(externalURL: externalURL, names: ["registry.example"]),
            attempts: TokenAttempts(failuresMax: 3, onFailure: { _, _ in }),
            now: { Timestamp(clamping: time.milliseconds.load(ordering: .relaxed)) })
        try install()
    }

    func advance(seconds: Int64) {
        time.milliseconds.add(seconds * 1_000, ordering: .relaxed)
    }

    /// Puts credentials in force: `ci` pulls and pushes beneath `team/`, `reviewer` pulls and reviews everything.
    func install(ci: String? = AccessScene.ciToken, expires: Int64? = nil, key: Ed25519PublicKey? = nil) throws {
        var credentials = [try credential("reviewer", .token(Self.hash(Self.reviewerToken)), [.pull, .review], "**")]
        if let ci {
            credentials.append(try credential("ci", .token(Self.hash(ci)), [.pull, .push], "team/*", expires))
        }
        if let key { credentials.append(try credential("laptop", .ed25519(key), [.pull, .push], "team/*", expires)) }
        book.replace(with: CredentialList(credentials: credentials, openRepositories: []))
    }

    private func credential(
        _ name: String, _ secret: Credential.Secret, _ rights: Set<AccessRight>, _ pattern: String,
        _ expires: Int64? = nil
    ) throws -> Credential {
        Credential(
            name: try PrincipalName(parsing: name), secret: secret, rights: rights,
            repositories: [RepositoryPattern(parsing: pattern) ?? .all],
            expires: expires.map { Timestamp(clamping: $0 * 1_000) })
    }

    private static func hash(_ token: String) -> TokenHash { TokenHash(of: token.utf8) }

    /// Asks for a token.
    func issue(
        _ scopes: String..., authorization: String? = nil, password: String? = nil, from source: String = "10.0.0.9"
    ) throws(RegistryError) -> String {
        let request = Self.request(.get, "/token", authorization)
        return try rules.issue(
            TokenScopes(parsing: scopes.map { $0[...] }), request, FormFields(parsing: ""), password: password,
            from: source, at: "10.0.0.1"
        ).token
    }

    /// Who somebody with this header is at a path.
    func admit(
        _ authorization: String?, _ path: String = "/v2/team/a/manifests/latest", _ method: HTTPRequest.Method = .get,
        to level: AccessLevel = .repository, from source: String = "10.0.0.9"
    ) throws(RegistryError) -> Principal {
        try rules.admit(Self.request(method, path, authorization), to: level, from: source)
    }

    static func request(
        _ method: HTTPRequest.Method, _ path: String, _ authorization: String?,
        host: String = "registry.example:8470"
    ) -> Request {
        var fields = HTTPFields()
        if let authorization { fields[.authorization] = authorization }
        return Request(
            head: HTTPRequest(method: method, scheme: "http", authority: host, path: path, headerFields: fields),
            body: RequestBody(buffer: ByteBuffer()))
    }

    static func basic(_ password: String, user: String = "anybody") -> String {
        "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }
}

/// The code of the error that is thrown; `nil` when there is none.
func errorCode(_ body: () throws -> some Any) -> ErrorCode? {
    do {
        _ = try body()
        return nil
    } catch {
        return (error as? RegistryError)?.code ?? .internalError
    }
}
