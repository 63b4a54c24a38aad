internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
public import RegistryClient
internal import StrictJSON

/// Requests to services that signing needs. Must be shut down.
///
/// Only the addresses that it is given are asked: redirects are not followed, so that a token goes nowhere else.
public final class ServiceHTTP: Sendable {
    private let http: HTTPClient
    private let answerTime: TimeAmount

    private static let connectTime = TimeAmount.seconds(10)
    /// For a request as a whole: logs answer when the entry is in the tree, which takes them seconds.
    public static let answerSeconds: Int64 = 60
    /// Longest part of a service's own message that is kept, in characters.
    private static let messageMax = 300

    /// - Parameter roots: who may vouch for the hosts besides those whom this machine trusts.
    public init(roots: TrustRoots? = nil, answerSeconds: Int64 = ServiceHTTP.answerSeconds) {
        answerTime = .seconds(answerSeconds)
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = Self.connectTime
        configuration.timeout.read = answerTime
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        configuration.tlsConfiguration = TrustRoots.configuration(roots, isAlone: false)
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes all connections. Nothing may be asked for afterwards.
    public func shutdown() async {
        try? await http.shutdown()
    }

    /// What is sent.
    struct Message {
        var body: [UInt8]
        var contentType: String
        /// What the answer has to be.
        var accept: String
        var token: IdentityToken?
        var answerBytesMax: Int
    }

    /// What became of something that a service was to take.
    enum Posted {
        /// With the body of an answer with status 200 or 201.
        case taken([UInt8])
        /// It has the same already (status 409), and may say where.
        case there(location: String?)
    }

    struct Answer {
        var status: Int
        var location: String?
        var body: [UInt8]
    }

    /// - Returns: the body of an answer with status 200 or 201.
    func post(_ message: Message, to address: ServerAddress, path: String = "") async throws(ServiceFault) -> [UInt8] {
        let answer = try await answer(to: Self.request(message, address, path), of: address, message.answerBytesMax)
        return try Self.accepted(answer, by: address)
    }

    /// As `post`, for what may be there.
    func postOnce(_ message: Message, to address: ServerAddress, path: String) async throws(ServiceFault) -> Posted {
        let answer = try await answer(to: Self.request(message, address, path), of: address, message.answerBytesMax)
        if answer.status == 409 { return .there(location: answer.location) }
        return .taken(try Self.accepted(answer, by: address))
    }

    /// - Returns: the body of an answer with status 200.
    func get(
        _ path: String, from address: ServerAddress, accept: String, bytesMax: Int
    ) async throws(ServiceFault) -> [UInt8] {
        var request = HTTPClientRequest(url: address.description + path)
        request.headers.add(name: "user-agent", value: "pratique")
        request.headers.add(name: "accept", value: accept)
        return try Self.accepted(try await answer(to: request, of: address, bytesMax), by: address)
    }

    private static func request(_ message: Message, _ address: ServerAddress, _ path: String) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: address.description + path)
        request.method = .POST
        request.headers.add(name: "user-agent", value: "pratique")
        request.headers.add(name: "content-type", value: message.contentType)
        request.headers.add(name: "accept", value: message.accept)
        if let token = message.token { request.headers.add(name: "authorization", value: "Bearer \(token.text)") }
        request.body = .bytes(message.body)
        return request
    }

    private func answer(
        to request: HTTPClientRequest, of address: ServerAddress, _ bytesMax: Int
    ) async throws(ServiceFault) -> Answer {
        let service = address.description
        do {
            let deadline = NIODeadline.now() + answerTime
            let response = try await http.execute(request, deadline: deadline)
            return Answer(
                status: Int(response.status.code), location: response.headers.first(name: "location"),
                body: try await Self.content(of: response, until: deadline, bytesMax: bytesMax, service))
        } catch let fault as ServiceFault {
            throw fault
        } catch {
            let isCancelled = error is CancellationError || (error as? HTTPClientError) == .cancelled
            throw isCancelled ? .cancelled : .unavailable(service: service, reason: Self.sentence(error))
        }
    }

    private static func accepted(_ answer: Answer, by address: ServerAddress) throws(ServiceFault) -> [UInt8] {
        let service = address.description
        switch answer.status {
        case 200, 201: return answer.body
        case 300..<400: throw .nonsense(service: service, reason: "it leads elsewhere")
        case 429, 502, 503, 504: throw .unavailable(service: service, reason: "HTTP status \(answer.status)")
        case let status: throw .refused(service: service, status: status, message: message(answer.body))
        }
    }

    private static func content(
        of response: HTTPClientResponse, until deadline: NIODeadline, bytesMax: Int, _ service: String
    ) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in response.body {
            // The library's own deadline ends with the head of an answer.
            guard .now() < deadline else { throw HTTPClientError.deadlineExceeded }
            guard piece.readableBytes <= bytesMax - bytes.count else {
                throw ServiceFault.nonsense(service: service, reason: "it is larger than \(bytesMax) bytes")
            }
            bytes += piece.readableBytesView
        }
        return bytes
    }

    /// `message` of an error by google.rpc.Status, which Fulcio and Rekor answer with.
    private static func message(_ body: [UInt8]) -> String? {
        let status = ServiceAnswer.object(body, bytesMax: 64 << 10)
        return (status?["message"]?.asString).map { String($0.prefix(messageMax)) }
    }

    private static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
            "it takes too long"
        case let error as HTTPClientError where error == .connectTimeout: "no connection in time"
        case let error as HTTPClientError where error == .remoteConnectionClosed: "it closed the connection"
        case is NIOConnectionError, is IOError: "it cannot be reached"
        default: String("\(error)".prefix { $0 != "\n" }.prefix(200))
        }
    }
}
