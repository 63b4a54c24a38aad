import Crypto
import FoundationEssentials
import RegistryCore

/// What a token of `/token` says: whose it is, until when, and what it is for.
///
/// Nothing is stored of it. It is believed because it carries our seal, and worth only what the principal may do now.
struct IssuedToken: Sendable, Hashable {
    var identity: Principal.Identity
    /// The secret that it was issued for (`Proof.secret`): it dies with it.
    var secret: UInt64
    var expires: Timestamp
    var scopes: TokenScopes
}

/// Seals tokens and opens them again: HMAC-SHA256 (RFC 2104).
struct TokenSeal: Sendable {
    /// What issued tokens begin with, so that they are told from others at a glance, by scanners for secrets too.
    static let prefix = "prqt_"
    private static let macBytes = 32

    private let key: SymmetricKey

    /// - Parameter key: 32 bytes that nobody else has and that are used for nothing else.
    init(key: [UInt8]) {
        self.key = SymmetricKey(data: key)
    }

    /// The prefix, and seal and words in base64 for URLs (RFC 4648 §5).
    func seal(_ token: IssuedToken) -> String {
        let fields =
            [token.identity.word, String(token.secret, radix: 16), String(token.expires.milliseconds)]
            + token.scopes.texts
        let words = Array(fields.joined(separator: " ").utf8)
        let mac = HMAC<SHA256>.authenticationCode(for: words, using: key)
        let text = Data(mac + words).base64EncodedString()
        return Self.prefix + text.filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
    }

    /// - Returns: `nil` for what this registry did not seal. Whether it still counts is for the caller to say.
    func open(_ text: Substring) -> IssuedToken? {
        guard text.hasPrefix(Self.prefix), let data = Self.decoded(text.dropFirst(Self.prefix.count)),
            data.count > Self.macBytes
        else { return nil }
        let words = data.dropFirst(Self.macBytes)
        guard HMAC<SHA256>.isValidAuthenticationCode(data.prefix(Self.macBytes), authenticating: words, using: key)
        else { return nil }
        let fields = String(decoding: words, as: UTF8.self).split(separator: " ")
        guard fields.count >= 3, let identity = Principal.Identity(word: fields[0]),
            let secret = UInt64(fields[1], radix: 16), let expires = Int64(fields[2])
        else { return nil }
        return IssuedToken(
            identity: identity, secret: secret, expires: Timestamp(clamping: expires),
            scopes: TokenScopes(parsing: fields.dropFirst(3)))
    }

    private static func decoded(_ text: Substring) -> Data? {
        var bytes = text.utf8.map { byte in
            switch byte {
            case UInt8(ascii: "-"): UInt8(ascii: "+")
            case UInt8(ascii: "_"): UInt8(ascii: "/")
            default: byte
            }
        }
        while !bytes.count.isMultiple(of: 4) { bytes.append(UInt8(ascii: "=")) }
        return Data(base64Encoded: Data(bytes))
    }
}

extension Principal.Identity {
    private static let anonymousWord = "anonymous"

    fileprivate var word: String {
        switch self {
        case .anonymous: Self.anonymousWord
        case .developmentMode: Actor.developmentMode.description
        case .serviceToken: Actor.serviceToken.description
        case .credential(let name): Actor.principal(name).description
        }
    }

    fileprivate init?(word: Substring) {
        switch Actor(parsing: String(word)) {
        case .serviceToken: self = .serviceToken
        case .developmentMode: self = .developmentMode
        case .principal(let name): self = .credential(name)
        case .console, .registry: return nil
        case nil:
            guard word == Self.anonymousWord else { return nil }
            self = .anonymous
        }
    }
}
