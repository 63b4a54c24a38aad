import Crypto
import FoundationEssentials
import HTTPTypes
public import Hummingbird
public import RegistryCore
import StrictJSON

/// What a request may do without being asked for a token.
public enum AccessLevel: Sendable, Hashable {
    /// Anybody who reaches the address: health, metrics, the log.
    case open
    case read
    case mutate
}

/// Who may do what. Fixed when the registry starts.
public struct AccessRules: Sendable {
    /// Shortest service token, in bytes.
    public static let tokenBytesMin = 32

    /// SHA-256 of the service token: the token itself is not kept.
    private let tokenHash: SHA256.Digest?
    private let isDevelopment: Bool
    private let readsAreOpen: Bool
    private let attempts: TokenAttempts

    /// - Parameters:
    ///   - token: at least 32 bytes; `nil` when none is configured, and then nothing can be changed.
    ///   - isDevelopment: no token is asked for. The caller has made sure that only loopback is bound.
    ///   - readsAreOpen: only loopback is bound, or anonymous reading is configured.
    ///   - attempts: counts wrong tokens.
    public init(token: [UInt8]?, isDevelopment: Bool, readsAreOpen: Bool, attempts: TokenAttempts) {
        tokenHash = token.map { SHA256.hash(data: $0) }
        self.isDevelopment = isDevelopment
        self.readsAreOpen = readsAreOpen
        self.attempts = attempts
    }

    /// Whether changing something takes a token.
    public var requiresToken: Bool { !isDevelopment }

    /// - Returns: who it is, as events name them.
    /// - Parameter source: the address that the request comes from.
    /// - Throws: `.unauthorized`, `.mutationsDisabled`, `.tooManyAttempts`.
    public func admit(
        _ request: Request, to level: AccessLevel, from source: String?
    ) throws(RegistryError) -> Actor? {
        let presented = try Self.presented(request)
        if let presented { return try admit(presented, from: source ?? "") }
        if isDevelopment { return .developmentMode }
        switch level {
        case .open: return nil
        case .read:
            if readsAreOpen { return nil }
            throw Self.unauthorized("Reading takes a token here.")
        case .mutate:
            guard tokenHash != nil else {
                throw RegistryError(
                    .mutationsDisabled, "No service token is configured, so nothing can be changed.")
            }
            throw Self.unauthorized("This takes the service token.")
        }
    }

    private func admit(_ presented: Substring, from source: String) throws(RegistryError) -> Actor {
        // Who guesses is not told for a while whether a guess is right.
        if !isDevelopment, let seconds = attempts.secondsToWait(source) {
            throw RegistryError(
                .tooManyAttempts, "Too many wrong tokens came from this address.",
                detail: ["retry_after": .integer(seconds)])
        }
        // A token that is wrong is refused even where none is needed: whoever sends one means it.
        guard let tokenHash, SHA256.hash(data: Array(presented.utf8)) == tokenHash else {
            if isDevelopment { return .developmentMode }
            attempts.failed(source)
            throw Self.unauthorized("The token is not the service token.")
        }
        return .serviceToken
    }

    /// The token of a request. Clients of the OCI door know Basic (RFC 7617), whatever the user is called.
    private static func presented(_ request: Request) throws(RegistryError) -> Substring? {
        guard let value = request.headers[.authorization] else { return nil }
        let parts = value.split(separator: " ", maxSplits: 1)
        if parts.count == 2, !parts[1].isEmpty {
            switch parts[0].lowercased() {
            case "bearer": return parts[1]
            case "basic" where DistributionDoor.has(request.uri.path):
                if let password = password(parts[1]) { return password }
            default: break
            }
        }
        throw Self.unauthorized("The credential cannot be used here.")
    }

    private static func password(_ credentials: Substring) -> Substring? {
        guard let data = Data(base64Encoded: String(credentials)), let text = String(validating: data, as: UTF8.self),
            let colon = text.firstIndex(of: ":")
        else { return nil }
        return text[text.index(after: colon)...]
    }

    private static func unauthorized(_ sentence: String) -> RegistryError {
        RegistryError(.unauthorized, sentence)
    }
}
