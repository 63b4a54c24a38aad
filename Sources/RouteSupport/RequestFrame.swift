public import Hummingbird
import NIOHTTP1

/// What is around every handler, the innermost first: requests of other people's web pages are refused, errors become
/// documents, requests are counted, timed and written down, and HEAD gets no body.
///
/// One middleware: each is some frames of each request's task.
public struct RequestFrame: RouterMiddleware {
    private let hosts: HostGuard
    private let errors: ErrorAnswers
    private let observer: RequestObserver

    /// - Parameters:
    ///   - hosts: host names of this registry, besides `localhost` and addresses.
    ///   - rules: say what to ask for where a credential is missing.
    public init(hosts: [String], rules: AccessRules, meters: Meters) {
        self.hosts = HostGuard(names: hosts)
        errors = ErrorAnswers(rules)
        observer = RequestObserver(meters: meters)
    }

    @concurrent public func handle(
        _ request: Request, context: RegistryRequestContext,
        next: @concurrent (Request, RegistryRequestContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            try hosts.check(request)
            response = try await next(request, context)
        } catch let error as CancellationError {
            throw error
        } catch let error as HTTPParserError {
            // A body that is no HTTP: the connection answers 400 and ends.
            throw error
        } catch {
            response = errors.answer(error, to: request, context)
        }
        if DistributionDoor.has(request) { response.headers[DistributionDoor.version] = DistributionDoor.versionValue }
        observer.answered(request, &response, since: start, context)
        // RFC 9110 §9.3.2: a client would take the bytes of a body for the beginning of the next answer.
        return request.method == .head ? response.createHeadResponse() : response
    }
}
