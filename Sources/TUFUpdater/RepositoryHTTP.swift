internal import AsyncHTTPClient
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
public import RegistryClient
public import TUF

/// The files of a repository over HTTP. Must be shut down.
///
/// Only the two addresses are ever asked: redirects are not followed.
public final class RepositoryHTTP: MetadataSource {
    private let http: HTTPClient
    private let metadataAddress: RepositoryAddress
    private let targetAddress: RepositoryAddress

    private static let connectTime = TimeAmount.seconds(10)
    private static let silenceTime = TimeAmount.seconds(15)
    /// For one file as a whole: bytes that come one by one come to an end, too.
    public static let fileSeconds: Int64 = 60
    private let fileTime: TimeAmount

    /// - Parameter roots: who may vouch for the host besides those whom this machine trusts.
    public init(
        metadata: RepositoryAddress, targets: RepositoryAddress, roots: TrustRoots? = nil,
        fileSeconds: Int64 = RepositoryHTTP.fileSeconds
    ) {
        fileTime = .seconds(fileSeconds)
        metadataAddress = metadata
        targetAddress = targets
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = Self.connectTime
        configuration.timeout.read = Self.silenceTime
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        configuration.tlsConfiguration = TrustRoots.configuration(roots, isAlone: false)
        http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }

    /// Closes all connections. Nothing may be asked for afterwards.
    public func shutdown() async {
        try? await http.shutdown()
    }

    public func metadata(_ request: MetadataRequest) async throws(UpdateFault) -> [UInt8]? {
        try await file(
            metadataAddress.description + request.fileName, name: request.fileName, bytesMax: request.bytesMax,
            role: request.role)
    }

    public func target(_ address: String, bytesMax: Int, by role: RoleName) async throws(UpdateFault) -> [UInt8] {
        let bytes = try await file(
            targetAddress.description + address, name: "the target \(address)", bytesMax: bytesMax, role: role)
        guard let bytes else { throw .unavailable(file: "the target \(address)", reason: "it has none") }
        return bytes
    }

    private func file(
        _ url: String, name: String, bytesMax: Int, role: RoleName
    ) async throws(UpdateFault) -> [UInt8]? {
        do {
            var request = HTTPClientRequest(url: url)
            request.headers.add(name: "user-agent", value: "pratique")
            let deadline = NIODeadline.now() + fileTime
            let response = try await http.execute(request, deadline: deadline)
            switch response.status.code {
            case 200: return try await Self.content(of: response, until: deadline, bytesMax: bytesMax, role: role)
            // Object stores answer 403 for what is not there to those who may not list.
            case 403, 404, 410: return nil
            default: throw UpdateFault.unavailable(file: name, reason: "HTTP status \(response.status.code)")
            }
        } catch let fault as UpdateFault {
            throw fault
        } catch {
            throw .unavailable(file: name, reason: Self.sentence(error))
        }
    }

    private static func content(
        of response: HTTPClientResponse, until deadline: NIODeadline, bytesMax: Int, role: RoleName
    ) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await piece in response.body {
            // The library's own deadline ends with the head of an answer.
            guard .now() < deadline else { throw HTTPClientError.deadlineExceeded }
            guard piece.readableBytes <= bytesMax - bytes.count else {
                throw UpdateFault.refused(TUFRefusal(role, .tooLarge(bytesMax: bytesMax)))
            }
            bytes += piece.readableBytesView
        }
        return bytes
    }

    private static func sentence(_ error: any Error) -> String {
        switch error {
        case let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout:
            "it takes too long"
        case let error as HTTPClientError where error == .connectTimeout: "no connection in time"
        case is NIOConnectionError, is IOError: "it cannot be reached"
        case is CancellationError: "interrupted"
        default: String("\(error)".prefix { $0 != "\n" }.prefix(200))
        }
    }
}
