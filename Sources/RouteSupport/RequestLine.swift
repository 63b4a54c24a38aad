public import Hummingbird
import HummingbirdCore
import Logging

/// The line of the log about one request.
public struct RequestLine: Sendable {
    private let method: String
    private let uri: URI
    private let start: ContinuousClock.Instant

    /// A path may be as long as all header fields together, and whoever sends it needs no token.
    private static let pathBytesMax = 512

    /// - Parameter start: when the request came.
    public init(_ request: Request, start: ContinuousClock.Instant = .now) {
        method = request.method.rawValue
        uri = request.uri
        self.start = start
    }

    /// - Parameter status: what the client was told, in the head of the answer or in its last event.
    public func write(status: Int, _ context: RegistryRequestContext) {
        context.logger.log(
            level: status >= 500 ? .warning : method == "GET" || method == "HEAD" ? .debug : .info, "request",
            metadata: [
                "request": "\(context.requestID)", "method": "\(method)", "path": "\(Self.bounded(uri.path))",
                "status": "\(status)",
                "ms": "\(start.duration(to: .now) / .milliseconds(1))",
            ])
    }

    private static func bounded(_ path: String) -> String {
        guard path.utf8.count > pathBytesMax else { return path }
        return String(decoding: path.utf8.prefix(pathBytesMax), as: UTF8.self) + "…"
    }
}
