import HTTPTypes
import Hummingbird
import RegistryWire

/// Names each request, counts it, times it, and writes the line about it.
struct RequestObserver: Sendable {
    let meters: Meters

    func answered(
        _ request: Request, _ response: inout Response, since start: ContinuousClock.Instant,
        _ context: RegistryRequestContext
    ) {
        let elapsed = start.duration(to: .now)
        if let field = HTTPField.Name(APIField.requestID) { response.headers[field] = context.requestID }
        let status = response.status.code
        meters.request(method: request.method.rawValue, status: status, elapsed: elapsed)
        // Of a stream of events nobody knows yet how it ends: whoever writes it also writes the line.
        if !LongAnswer.isStream(response) { RequestLine(request, start: start).write(status: status, context) }
    }
}
