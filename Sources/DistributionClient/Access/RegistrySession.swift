internal import FoundationEssentials
internal import NIOHTTP1
internal import RegistryClient

/// What was learnt about one registry: how it is spoken to, and what it wants to know about who asks.
///
/// Credentials go to the registry itself, to the token service that it names, and to nobody else.
actor RegistrySession {
    private let host: RegistryHost
    private let transport: DistributionTransport
    private let credentials: any RegistryCredentials
    private let mayBePlain: Bool

    private var origin: WebAddress?
    private var credential: RegistryCredential??
    private var challenge: AuthChallenge?
    private var tokens: [AccessScope: AccessToken] = [:]

    init(
        _ host: RegistryHost, transport: DistributionTransport, credentials: any RegistryCredentials, mayBePlain: Bool
    ) {
        self.host = host
        self.transport = transport
        self.credentials = credentials
        self.mayBePlain = mayBePlain
    }

    /// Where paths of the API begin: asks the registry once, which also tells what it wants to know.
    ///
    /// This machine's own registries may speak without TLS, as docker takes it, and are asked without it first where
    /// they have a port of their own; others only where the user said so.
    func address(_ path: String) async throws(DistributionFault) -> WebAddress {
        if origin == nil { try await learn() }
        guard var address = origin else { throw .absent("\(host) did not say how it is spoken to.") }
        address.target = path
        return address
    }

    private func learn() async throws(DistributionFault) {
        let secure = WebAddress(scheme: .https, authority: host.apiAuthority, target: "/v2/")
        var plain = secure
        plain.scheme = .http
        if mayBePlain {
            try await ping(plain)
            return
        }
        // Most registries of this machine do without TLS, which begins with reading every authority that this machine
        // trusts: more work than all else of many a command. A port that answers without it could have refused TLS as
        // well, and hears no secret here. What it says otherwise is asked for again where it counts.
        if host.isLoopback, host.namesPort, let answered = try? await ping(plain), answered.isSameOrigin(as: plain) {
            return
        }
        do throws(DistributionFault) {
            try await ping(secure)
        } catch {
            guard host.isLoopback, case .transport(let fault) = error, fault.mayBePlain else { throw error }
            // If that is no registry either, what was said first tells more: perhaps the certificate is what is wrong.
            do throws(DistributionFault) { try await ping(plain) } catch let second {
                if case .transport = second { throw error }
                if case .refused = second { throw error }
                throw second
            }
        }
    }

    /// - Returns: what answered in the end.
    @discardableResult
    private func ping(_ address: WebAddress) async throws(DistributionFault) -> WebAddress {
        let answer = try await transport.exchange(DistributionRequest(.GET, address), authorization: nil)
        switch answer.status {
        case 200...299: break
        case 401 where answer.address.isSameOrigin(as: address): challenge = Self.choose(answer.challenges)
        case 404: throw .absent("\(host) answers, and is no registry.")
        default: throw answer.refusal
        }
        origin = address
        return answer.address
    }

    /// What `Authorization` says in a request for `scope`; `nil` when nothing is asked for.
    func authorization(for scope: AccessScope) async throws(DistributionFault) -> String? {
        let credential = try await storedCredential()
        if case .bearer(let token) = credential { return token.authorization }
        switch challenge?.scheme {
        case "basic":
            guard case .basic(let user, let password) = credential else { return nil }
            return Self.basic(user, password)
        case "bearer":
            if let token = tokens[scope], token.isFresh(at: .now) { return "Bearer \(token.text)" }
            let token = try await fetchToken(for: scope, credential)
            tokens[scope] = token
            return "Bearer \(token.text)"
        default: return nil
        }
    }

    /// Takes up what a 401 said.
    ///
    /// - Returns: what `Authorization` says now; `nil` when there is nothing else to say than what was refused: a wrong
    ///   password that is sent again and again has registries shut everybody at our address out.
    func authorization(
        afterChallenges challenges: [AuthChallenge], for scope: AccessScope, instead refused: String?
    ) async throws(DistributionFault) -> String? {
        guard let heard = Self.choose(challenges) else { return nil }
        challenge = heard
        // Another request may have fetched a new one meanwhile.
        if let token = tokens[scope], refused == "Bearer \(token.text)" { tokens[scope] = nil }
        let other = try await authorization(for: scope)
        return other == refused ? nil : other
    }

    /// What tells the registry whom it refuses, when it refuses.
    func refusal(_ answer: DistributionAnswer) -> DistributionFault {
        guard answer.status == 401 else { return answer.refusal }
        return .loginRefused(registry: host, status: answer.status, message: answer.message)
    }

    private func storedCredential() async throws(DistributionFault) -> RegistryCredential? {
        if let known = credential { return known }
        do {
            let found = try await credentials.credential(for: host)
            credential = .some(found)
            return found
        } catch let fault as DistributionFault {
            throw fault
        } catch is CancellationError {
            throw .transport(.cancelled)
        } catch {
            throw .credentials(registry: host, reason: String(describing: error))
        }
    }

    /// Basic only where there is no token service: a password is worth more than a token.
    private static func choose(_ challenges: [AuthChallenge]) -> AuthChallenge? {
        challenges.first { $0.scheme == "bearer" && $0.parameters["realm"] != nil }
            ?? challenges.first { $0.scheme == "basic" }
    }

    private static func basic(_ user: String, _ password: String) -> String {
        "Basic " + Data("\(user):\(password)".utf8).base64EncodedString()
    }
}

// Tokens (distribution, "Token Authentication Specification" and "OAuth 2").
extension RegistrySession {
    private func fetchToken(
        for scope: AccessScope, _ credential: RegistryCredential?
    ) async throws(DistributionFault) -> AccessToken {
        guard let challenge, let realm = challenge.parameters["realm"], let origin,
            var address = WebAddress(realm, relativeTo: nil)
        else { throw .unsafe("\(host) names no token service that can be asked.") }
        guard address.scheme == .https || origin.scheme == .http else {
            throw .unsafe("\(host) names a token service without TLS, \(address.authority).")
        }
        let wanted = scope.adding(challenge.parameters["scope"])
        let request: DistributionRequest
        var authorization: String?
        if case .refreshToken(let secret) = credential {
            request = Self.form(address, challenge.parameters["service"], wanted, secret)
        } else {
            if let service = challenge.parameters["service"] { address = address.adding("service", service) }
            for resource in wanted.resources { address = address.adding("scope", resource) }
            if case .basic(let user, let password) = credential { authorization = Self.basic(user, password) }
            request = DistributionRequest(.GET, address)
        }
        let answer = try await transport.exchange(request, authorization: authorization)
        guard answer.isSuccess else {
            throw .loginRefused(registry: host, status: answer.status, message: answer.message)
        }
        guard let token = AccessToken(parsing: answer.body, at: .now) else {
            throw .transport(.malformedAnswer(problem: "the token service's answer holds no token"))
        }
        return token
    }

    private static func form(
        _ address: WebAddress, _ service: String?, _ scope: AccessScope, _ secret: String
    ) -> DistributionRequest {
        var fields = [("grant_type", "refresh_token"), ("client_id", "securectl"), ("refresh_token", secret)]
        if let service { fields.append(("service", service)) }
        if !scope.resources.isEmpty { fields.append(("scope", scope.description)) }
        var request = DistributionRequest(.POST, address)
        let text = fields.map { "\($0.0)=\(WebAddress.escaped($0.1))" }.joined(separator: "&")
        request.body = .bytes(Array(text.utf8), contentType: "application/x-www-form-urlencoded")
        return request
    }
}

extension ClientFault {
    /// Whether the other side may have taken the beginning of TLS for a strange request.
    fileprivate var mayBePlain: Bool {
        switch self {
        case .unreachable, .interrupted, .malformedAnswer: true
        default: false
        }
    }
}
