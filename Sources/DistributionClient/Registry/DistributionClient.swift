internal import NIOCore
public import OCI
public import RegistryClient
internal import Synchronization

/// Speaks the distribution protocol with any number of registries (distribution-spec 1.1). Must be shut down.
///
/// What comes from a registry is taken for what it says only once its digest says so, too.
public final class DistributionClient: Sendable {
    let patience: RegistryClient.Patience
    private let transport: DistributionTransport
    private let credentials: any RegistryCredentials
    private let mayBePlain: Bool
    private let sessions = Mutex<[RegistryHost: RegistrySession]>([:])

    /// - Parameters:
    ///   - plainHTTP: speak without TLS to every registry, also to those on other machines.
    ///   - roots: who may vouch for registries, besides those whom this machine trusts.
    public init(
        credentials: any RegistryCredentials, plainHTTP: Bool = false, roots: TrustRoots? = nil,
        patience: RegistryClient.Patience = RegistryClient.Patience()
    ) {
        self.credentials = credentials
        self.patience = patience
        mayBePlain = plainHTTP
        transport = DistributionTransport(roots: roots, patience: patience)
    }

    /// Closes all connections. Nothing may be sent afterwards.
    public func shutdown() async {
        await transport.shutdown()
    }

    public func repository(_ name: RepositoryName, at registry: RegistryHost) -> RemoteRepository {
        RemoteRepository(client: self, registry: registry, name: name)
    }

    func session(_ host: RegistryHost) -> RegistrySession {
        sessions.withLock { sessions in
            if let known = sessions[host] { return known }
            let session = RegistrySession(
                host, transport: transport, credentials: credentials, mayBePlain: mayBePlain)
            sessions[host] = session
            return session
        }
    }

    /// Sends a request as whoever the credential names, and collects the answer.
    ///
    /// - Throws: `.refused` for every status but those that `request` is prepared for: success, and `accepted`.
    func exchange(
        _ request: DistributionRequest, at host: RegistryHost, accepting accepted: Set<Int> = []
    ) async throws(DistributionFault) -> DistributionAnswer {
        let session = session(host)
        let home = try await session.address("/")
        let isHome = request.address.isSameOrigin(as: home)
        var authorization = isHome ? try await session.authorization(for: request.scope) : nil
        var attempt = 0
        while true {
            let answer = try await transport.exchange(request, authorization: authorization)
            if answer.isSuccess || accepted.contains(answer.status) { return answer }
            attempt += 1
            // Whoever the registry sent us to has no say in where the credential goes.
            guard answer.status == 401, attempt <= 2, isHome, answer.address.isSameOrigin(as: home),
                let other = try await session.authorization(
                    afterChallenges: answer.challenges, for: request.scope, instead: authorization)
            else { throw await session.refusal(answer) }
            authorization = other
        }
    }

    /// The same for an answer whose body is taken piece by piece.
    func open(
        _ request: DistributionRequest, at host: RegistryHost
    ) async throws(DistributionFault) -> OpenAnswer {
        let session = session(host)
        let home = try await session.address("/")
        var authorization = try await session.authorization(for: request.scope)
        var attempt = 0
        while true {
            let answer = try await transport.open(request, authorization: authorization)
            if (200...299).contains(answer.status) { return answer }
            let whole = try await DistributionAnswer(reading: answer, bytesMax: request.answerBytesMax)
            attempt += 1
            guard answer.status == 401, attempt <= 2, answer.address.isSameOrigin(as: home),
                let other = try await session.authorization(
                    afterChallenges: whole.challenges, for: request.scope, instead: authorization)
            else { throw await session.refusal(whole) }
            authorization = other
        }
    }
}

extension DistributionAnswer {
    fileprivate init(reading answer: OpenAnswer, bytesMax: Int) async throws(DistributionFault) {
        var body: [UInt8] = []
        var pieces = answer.body.makeAsyncIterator()
        while body.count < bytesMax, let piece = try await pieces.next() { body += piece.readableBytesView }
        self.init(status: answer.status, headers: answer.headers, body: body, address: answer.address)
    }
}
