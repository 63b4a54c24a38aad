internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import RegistryClient

/// Sends requests, follows redirects where that is safe, and knows nothing of tokens.
final class DistributionTransport: Sendable {
    private let http: HTTPClient
    private let patience: RegistryClient.Patience
    private let roots: TrustRoots?

    /// Redirects of one request that are followed.
    private static let redirectsMax = 5
    /// How long a registry may be silent while bytes are on their way, or while it finishes an upload.
    private static let silence = TimeAmount.minutes(5)

    init(roots: TrustRoots?, patience: RegistryClient.Patience) {
        self.roots = roots
        self.patience = patience
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .nanoseconds(patience.connect.wholeNanoseconds)
        configuration.timeout.read = Self.silence
        configuration.timeout.write = Self.silence
        configuration.connectionPool.retryConnectionEstablishment = false
        // Ranges that are fetched at the same time share one connection under HTTP/2, and one core with it.
        configuration.httpVersion = .http1Only
        configuration.tlsConfiguration = TrustRoots.configuration(roots, isAlone: false)
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    func shutdown() async {
        try? await http.shutdown()
    }

    /// Sends a request and collects the whole answer, whatever its status.
    func exchange(
        _ request: DistributionRequest, authorization: String?
    ) async throws(DistributionFault) -> DistributionAnswer {
        var deadline = NIODeadline.distantFuture
        if case .content = request.body {
        } else {
            let limit = request.isWork ? patience.work : patience.answer
            deadline = .now() + .nanoseconds(limit.wholeNanoseconds)
        }
        let (response, address) = try await execute(request, authorization, until: deadline)
        do {
            var body: [UInt8] = []
            for try await piece in response.body {
                // The library's own deadline ends with the head of an answer.
                guard .now() < deadline else { throw HTTPClientError.deadlineExceeded }
                guard piece.readableBytes <= request.answerBytesMax - body.count else {
                    throw NIOTooManyBytesError(maxBytes: request.answerBytesMax)
                }
                body += piece.readableBytesView
            }
            return DistributionAnswer(
                status: Int(response.status.code), headers: response.headers, body: body, address: address)
        } catch {
            throw Self.fault(error, address)
        }
    }

    /// Sends a request and hands over the answer with its body still to come.
    func open(
        _ request: DistributionRequest, authorization: String?
    ) async throws(DistributionFault) -> OpenAnswer {
        let (response, address) = try await execute(request, authorization, until: .distantFuture)
        return OpenAnswer(
            status: Int(response.status.code), headers: response.headers,
            body: DistributionBody(body: response.body, address: address), address: address)
    }

    private func execute(
        _ request: DistributionRequest, _ authorization: String?, until deadline: NIODeadline
    ) async throws(DistributionFault) -> (HTTPClientResponse, WebAddress) {
        var address = request.address
        for _ in 0...Self.redirectsMax {
            // Whoever a registry sends us to has no business with our credential.
            let isHome = address.isSameOrigin(as: request.address)
            let prepared = Self.prepared(request, address, isHome ? authorization : nil)
            let response: HTTPClientResponse
            do {
                response = try await http.execute(prepared, deadline: deadline)
            } catch {
                throw await fault(ofStart: error, address)
            }
            guard [301, 302, 303, 307, 308].contains(response.status.code), case .none = request.body,
                request.method == .GET || request.method == .HEAD,
                let location = response.headers.first(name: "location")
            else { return (response, address) }
            guard let next = WebAddress(location, relativeTo: address) else {
                throw .unsafe("\(address.authority) sends us to an address that cannot be read.")
            }
            guard next.scheme == .https || address.scheme == .http else {
                throw .unsafe("\(address.authority) sends us on to \(next.authority) without TLS.")
            }
            address = next
        }
        throw .unsafe("\(request.address.authority) sends us on and on.")
    }

    private static func prepared(
        _ request: DistributionRequest, _ address: WebAddress, _ authorization: String?
    ) -> HTTPClientRequest {
        var prepared = HTTPClientRequest(url: address.description)
        prepared.method = request.method
        prepared.headers.add(name: "user-agent", value: "securectl")
        if let authorization { prepared.headers.add(name: "authorization", value: authorization) }
        for (name, value) in request.fields { prepared.headers.add(name: name, value: value) }
        switch request.body {
        case .none:
            if request.method == .POST || request.method == .PUT { prepared.body = .bytes(ByteBuffer()) }
        case .bytes(let bytes, let type):
            prepared.headers.add(name: "content-type", value: type)
            prepared.body = .bytes(ByteBuffer(bytes: bytes))
        case .content(let body):
            prepared.headers.add(name: "content-type", value: "application/octet-stream")
            prepared.body = .stream(body, length: .known(body.byteCount))
        }
        return prepared
    }

    /// What went wrong before an answer began, with more about a certificate that was not accepted.
    private func fault(ofStart error: any Error, _ address: WebAddress) async -> DistributionFault {
        guard CertificateDoubt.isOne(error),
            let server = try? ServerAddress(parsing: "https://\(address.authority)")
        else { return Self.fault(error, address) }
        return .transport(
            .untrusted(server: server, reason: await CertificateDoubt.reason(of: error, server, roots)))
    }

    static func fault(_ error: any Error, _ address: WebAddress) -> DistributionFault {
        if let fault = error as? DistributionFault { return fault }
        guard let server = try? ServerAddress(parsing: "\(address.scheme.rawValue)://\(address.authority)") else {
            return .unsafe("\(address.authority) is no host.")
        }
        return .transport(ClientFault(transport: error, server: server))
    }
}

/// An answer whose body is still to come.
struct OpenAnswer: Sendable {
    var status: Int
    var headers: HTTPHeaders
    var body: DistributionBody
    var address: WebAddress
}

/// A body that comes piece by piece. What breaks it is told as a `DistributionFault`.
struct DistributionBody: AsyncSequence, Sendable {
    fileprivate let body: HTTPClientResponse.Body
    fileprivate let address: WebAddress

    func makeAsyncIterator() -> Iterator {
        Iterator(body: body.makeAsyncIterator(), address: address)
    }

    /// `@unchecked Sendable`: what the library hands out is a reference to the request, which guards itself; one task
    /// at a time takes pieces.
    struct Iterator: AsyncIteratorProtocol, @unchecked Sendable {
        // As above: the library marks its own iterator as not sendable.
        nonisolated(unsafe) fileprivate var body: HTTPClientResponse.Body.AsyncIterator
        fileprivate let address: WebAddress

        mutating func next() async throws(DistributionFault) -> ByteBuffer? {
            do {
                return try await body.next()
            } catch {
                throw DistributionTransport.fault(error, address)
            }
        }
    }
}

extension Duration {
    /// As far as they fit.
    fileprivate var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 2 : nanoseconds + attoseconds / 1_000_000_000
    }
}
