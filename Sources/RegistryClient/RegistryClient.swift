internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1

/// Speaks the API of one registry.
///
/// Follows no redirect and keeps no state but connections. Every method either returns the document that the API
/// promises or throws `ClientFault`. Must be shut down.
public final class RegistryClient: Sendable {
    public let server: ServerAddress
    let patience: Patience
    private let token: BearerToken?
    private let roots: TrustRoots?
    private let http: HTTPClient

    /// How long to wait.
    public struct Patience: Sendable, Hashable {
        /// For a connection.
        public var connect: Duration
        /// For a whole answer that the registry has at hand.
        public var answer: Duration
        /// For a whole answer that may need every byte of every artifact to be read.
        public var work: Duration
        /// Before an upload is taken up again; doubled with every break that follows without progress.
        public var retry: Duration

        public init(
            connect: Duration = .seconds(10), answer: Duration = .seconds(60), work: Duration = .seconds(24 * 3_600),
            retry: Duration = .milliseconds(250)
        ) {
            self.connect = connect
            self.answer = answer
            self.work = work
            self.retry = retry
        }
    }

    /// - Parameters:
    ///   - token: sent with every request to `server`, and to nobody else.
    ///   - roots: who may vouch for the server under TLS; `nil` for those whom this machine trusts.
    public init(
        server: ServerAddress, token: BearerToken?, roots: TrustRoots? = nil, patience: Patience = Patience()
    ) {
        self.server = server
        self.token = token
        self.roots = roots
        self.patience = patience
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = TimeAmount(patience.connect)
        // A refused connection is an answer; waiting for another one only hides it.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.tlsConfiguration = TrustRoots.configuration(roots, isAlone: true)
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes all connections. Nothing may be sent afterwards.
    public func shutdown() async {
        try? await http.shutdown()
    }

    /// Sends a request and collects the whole answer, whatever its status.
    func exchange(_ request: APIRequest) async throws(ClientFault) -> APIAnswer {
        try await within(request.isWork ? patience.work : patience.answer) { [self] in
            let response = try await http.execute(prepared(request), deadline: .distantFuture)
            return APIAnswer(
                status: Int(response.status.code), headers: response.headers,
                body: try await Self.collect(response, bytesMax: request.answerBytesMax))
        }
    }

    /// Sends a request and hands over a stream of events piece by piece. Any other answer is collected.
    func stream(
        _ request: APIRequest, _ receive: @Sendable @escaping ([UInt8]) throws -> Void
    ) async throws(ClientFault) -> APIAnswer {
        try await within(patience.work) { [self] in
            let response = try await http.execute(prepared(request), deadline: .distantFuture)
            let status = Int(response.status.code)
            let type = response.headers.first(name: "content-type") ?? ""
            guard type.hasPrefix("text/event-stream"), status == 200 else {
                let body = try await Self.collect(response, bytesMax: request.answerBytesMax)
                return APIAnswer(status: status, headers: response.headers, body: body)
            }
            for try await piece in response.body { try receive(Array(piece.readableBytesView)) }
            return APIAnswer(status: status, headers: response.headers, body: [])
        }
    }

    private func prepared(_ request: APIRequest) -> HTTPClientRequest {
        var prepared = HTTPClientRequest(url: server.url(request.path, query: request.query))
        prepared.method = HTTPMethod(rawValue: request.method.rawValue)
        prepared.headers.add(name: "accept", value: request.accept)
        prepared.headers.add(name: "user-agent", value: "securectl")
        if let token { prepared.headers.add(name: "authorization", value: token.authorization) }
        for (name, value) in request.fields { prepared.headers.add(name: name, value: value) }
        switch request.body {
        case .none: break
        case .json(let bytes):
            prepared.headers.add(name: "content-type", value: "application/json")
            prepared.body = .bytes(ByteBuffer(bytes: bytes))
        case .content(let body):
            prepared.headers.add(name: "content-type", value: "application/octet-stream")
            prepared.body = .stream(body, length: .known(body.byteCount))
        }
        return prepared
    }

    private static func collect(_ response: HTTPClientResponse, bytesMax: Int) async throws -> [UInt8] {
        do {
            return Array(try await response.body.collect(upTo: bytesMax).readableBytesView)
        } catch is NIOTooManyBytesError {
            throw ClientFault.answerTooLarge(bytesMax: bytesMax)
        }
    }

    /// Runs `body` against the clock. Both of them end before this returns.
    private func within<Value: Sendable>(
        _ limit: Duration, _ body: @Sendable @escaping () async throws -> Value
    ) async throws(ClientFault) -> Value {
        do {
            return try await withThrowingTaskGroup(of: Value?.self) { group in
                group.addTask { try await body() }
                group.addTask {
                    try await Task.sleep(for: limit)
                    return nil
                }
                defer { group.cancelAll() }
                guard let first = try await group.next(), let value = first else { throw ClientFault.timedOut }
                return value
            }
        } catch {
            guard CertificateDoubt.isOne(error) else { throw ClientFault(transport: error, server: server) }
            throw .untrusted(server: server, reason: await CertificateDoubt.reason(of: error, server, roots))
        }
    }
}

extension TimeAmount {
    fileprivate init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
