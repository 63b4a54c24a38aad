import HTTPTypes
public import Hummingbird
import RegistryWire

/// Names each request, counts it, times it, and writes the line about it.
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
        // Of a stream of events nobody knows yet how it ends: whoever writes it also writes the line.
        if !LongAnswer.isStream(response) { RequestLine(request, start: start).write(status: status, context) }
        return response
    }
}
