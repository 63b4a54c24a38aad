import HTTPTypes
public import Hummingbird
public import OCI
public import RegistryCore
import StrictJSON

/// Who may do what.
public struct AccessRules: Sendable {
    /// How long a token of ours that expired still ends an upload.
    public static let uploadGraceSeconds: Int64 = 86_400
    /// How long the address of a blob counts.
    static let addressSeconds: Int64 = 86_400

    /// What is settled when the registry starts.
    public struct Settings: Sendable {
        /// The service token; without one nothing can be changed by the model API.
        public var serviceToken: [UInt8]?
        /// No token is asked for. Only loopback is bound then.
        public var isDevelopment: Bool
        /// Only loopback is bound, or anonymous reading is configured.
        public var readsAreOpen: Bool
        /// How long issued tokens count.
        public var tokenSeconds: Int64

        public init(serviceToken: [UInt8]?, isDevelopment: Bool, readsAreOpen: Bool, tokenSeconds: Int64) {
            self.serviceToken = serviceToken
            self.isDevelopment = isDevelopment
            self.readsAreOpen = readsAreOpen
            self.tokenSeconds = tokenSeconds
        }
    }

    let settings: Settings
    /// The service token itself is not kept.
    private let serviceToken: TokenHash?
    let credentials: CredentialBook
    let seal: TokenSeal
    let attempts: TokenAttempts
    let clock: AccessClock
    let nonces = NonceMemory()
    /// In seconds since 1970.
    let startedAt: Int64
    public let origin: RegistryOrigin

    /// - Parameters:
    ///   - credentials: those of the file; they may change.
    ///   - tokenKey: seals issued tokens, 32 bytes.
    ///   - attempts: counts wrong tokens.
    ///   - now: the time of day.
    public init(
        _ settings: Settings, credentials: CredentialBook, tokenKey: [UInt8], origin: RegistryOrigin,
        attempts: TokenAttempts, now: @escaping @Sendable () -> Timestamp
    ) {
        serviceToken = settings.serviceToken.map { TokenHash(of: $0) }
        var settings = settings
        settings.serviceToken = nil
        self.settings = settings
        self.credentials = credentials
        seal = TokenSeal(key: tokenKey)
        self.origin = origin
        self.attempts = attempts
        clock = AccessClock(now)
        startedAt = clock.now().milliseconds / 1_000
    }

    /// Whether changing something by the model API takes a token.
    public var requiresToken: Bool { !settings.isDevelopment }

    /// Whether there is a secret that a client could show, so that it should be asked for a token.
    public var asksForToken: Bool { !settings.isDevelopment && (serviceToken != nil || !credentials.isEmpty) }

    /// Whether a repository is configured to be a plain one, without the gate.
    public func isOpen(_ repository: RepositoryName) -> Bool { credentials.isOpen(repository) }

    /// Finds out who asks, and whether they may come so far.
    ///
    /// - Throws: `.unauthorized`, `.accessDenied`, `.mutationsDisabled`, `.tooManyAttempts`.
    /// - Parameter source: the address that the request comes from.
    public func admit(
        _ request: Request, to level: AccessLevel, from source: @autoclosure () -> String?
    ) throws(RegistryError) -> Principal {
        guard level != .token else { return .nobody }
        guard let presented = try PresentedCredential(request) else { return try anonymous(level) }
        guard case .token(let token) = presented else { throw Self.unauthorized("This takes a token.") }
        let principal = try identify(token, from: source() ?? "", request)
        switch level {
        case .open, .repository, .token: return principal
        case .read where settings.readsAreOpen: return principal
        case .read, .mutate:
            guard principal.mayUseModelAPI else {
                throw RegistryError(.accessDenied, "This takes the service token; credentials are for repositories.")
            }
            return principal
        }
    }

    /// Somebody who showed nothing.
    private func anonymous(_ level: AccessLevel) throws(RegistryError) -> Principal {
        if settings.isDevelopment { return .developmentMode }
        switch level {
        case .open, .token: return .nobody
        case .repository: return settings.readsAreOpen ? .anonymousReader : .nobody
        case .read:
            if settings.readsAreOpen { return .anonymousReader }
            throw Self.unauthorized("Reading takes a token here.")
        case .mutate:
            guard serviceToken != nil else {
                throw RegistryError(
                    .mutationsDisabled, "No service token is configured, so nothing can be changed.")
            }
            throw Self.unauthorized("This takes the service token.")
        }
    }

    /// Whose token it is.
    private func identify(
        _ token: Substring, from source: String, _ request: Request
    ) throws(RegistryError) -> Principal {
        if settings.isDevelopment { return proof(by: token)?.principal ?? .developmentMode }
        try refuseWhoGuesses(source)
        // A token that is wrong is refused even where none is needed: whoever sends one means it.
        if token.hasPrefix(TokenSeal.prefix), let issued = seal.open(token) {
            return try principal(of: issued, request)
        }
        guard let proof = proof(by: token) else {
            attempts.failed(source)
            throw Self.unauthorized("The token is none of this registry's.")
        }
        guard stillCounts(proof) else { throw Self.unauthorized("The credential has expired.") }
        return proof.principal
    }

    /// Who holds this secret, or held it.
    func proof(by token: Substring) -> Proof? {
        // Nothing shorter is a token, whatever its hash may be equal to.
        guard token.utf8.count >= Credential.tokenBytesMin else { return nil }
        let hash = TokenHash(of: token.utf8)
        if let serviceToken, serviceToken == hash { return Proof(.serviceToken, secret: hash.prefix) }
        return credentials.proof(by: hash)
    }

    func stillCounts(_ proof: Proof) -> Bool {
        proof.expires.map { clock.now() < $0 } ?? true
    }

    /// Who guesses is not told for a while whether a guess is right.
    func refuseWhoGuesses(_ source: String) throws(RegistryError) {
        guard let seconds = attempts.secondsToWait(source) else { return }
        throw RegistryError(
            .tooManyAttempts, "Too many wrong tokens came from this address.",
            detail: ["retry_after": .integer(seconds)])
    }

    static func unauthorized(_ sentence: String) -> RegistryError {
        RegistryError(.unauthorized, sentence)
    }
}

// Tokens that the registry issues.
extension AccessRules {
    /// A genuine token of ours is no guess, also when it does not count any more: clients send one until they are told.
    private func principal(of issued: IssuedToken, _ request: Request) throws(RegistryError) -> Principal {
        guard let present = present(issued.identity), present.secret == issued.secret, stillCounts(present) else {
            throw Self.unauthorized("The token's credential does not count any more.")
        }
        let now = clock.now()
        // None lives longer: it was issued while the clock stood elsewhere.
        let livesTooLong = issued.expires.milliseconds - now.milliseconds > Self.addressSeconds * 1_000
        guard !livesTooLong else { throw Self.unauthorized("The token comes from a time that has not come yet.") }
        guard now >= issued.expires else { return present.principal.limited(to: issued.scopes) }
        let graceEnd = issued.expires.milliseconds + Self.uploadGraceSeconds * 1_000
        guard now.milliseconds < graceEnd, DistributionDoor.isUploadSession(request.uri.path) else {
            throw Self.unauthorized("The token has expired.")
        }
        return present.principal.limited(to: issued.scopes.forUploads)
    }

    /// A token to stand in the address of a blob, for clients that fetch its parts without showing who they are:
    /// Ollama. It is for pulling from one repository, for a day, as far as the principal may then.
    ///
    /// - Returns: `nil` when none is needed, or there is nobody to issue it for.
    package func addressToken(_ principal: Principal, pulling repository: RepositoryName) -> String? {
        guard principal.identity != .anonymous, let present = present(principal.identity) else { return nil }
        let end = Timestamp(clamping: clock.now().milliseconds + Self.addressSeconds * 1_000)
        return seal.seal(
            IssuedToken(
                identity: principal.identity, secret: present.secret, expires: min(end, present.expires ?? end),
                scopes: TokenScopes([TokenScopes.Repository(repository, [.pull])])))
    }

    /// What an identity may do now; `nil` when it is gone.
    private func present(_ identity: Principal.Identity) -> Proof? {
        switch identity {
        case .anonymous: Proof(settings.readsAreOpen ? .anonymousReader : .nobody, secret: 0)
        case .serviceToken: serviceToken.map { Proof(.serviceToken, secret: $0.prefix) }
        case .credential(let name): credentials.proof(of: name)
        case .developmentMode: settings.isDevelopment ? Proof(.developmentMode, secret: 0) : nil
        }
    }
}

extension TokenScopes {
    /// What is left of them once the token expired: uploads go on, and nothing is begun.
    fileprivate var forUploads: TokenScopes {
        TokenScopes(repositories.filter { $0.rights.contains(.push) }.map { Repository($0.repository, [.push]) })
    }
}
