import HTTPTypes
public import Hummingbird
import Logging
import RegistryWire

/// Names each request, counts it, times it, and writes a line about it.
public struct RequestObserver: RouterMiddleware {
    private let meters: Meters

    public init(meters: Meters) {
        self.meters = meters
    }

    @concurrent public func handle(
        _ request: Request, context: RegistryRequestContext,
        next: @concurrent (Request, RegistryRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response = try await next(request, context)
        let elapsed = start.duration(to: .now)
        if let field = HTTPField.Name(APIField.requestID) { response.headers[field] = context.requestID }
        let status = response.status.code
        meters.request(method: request.method.rawValue, status: status, elapsed: elapsed)
        context.logger.log(
            level: status >= 500 ? .warning : request.method == .get || request.method == .head ? .debug : .info,
            "request",
            metadata: [
                "request": "\(context.requestID)", "method": "\(request.method.rawValue)",
                "path": "\(Self.bounded(request.uri.path))", "status": "\(status)",
                "ms": "\(elapsed / .milliseconds(1))",
            ])
        return response
    }

    /// A path may be as long as all header fields together, and whoever sends it needs no token.
    private static let pathBytesMax = 512

    private static func bounded(_ path: String) -> String {
        guard path.utf8.count > pathBytesMax else { return path }
        return String(decoding: path.utf8.prefix(pathBytesMax), as: UTF8.self) + "…"
    }
}
