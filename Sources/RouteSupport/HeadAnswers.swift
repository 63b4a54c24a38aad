public import Hummingbird

/// Answers HEAD with what GET would answer, without the body (RFC 9110 §9.3.2): a client would take its bytes for the
/// beginning of the next answer. Errors included, so this stands outside of whatever makes answers.
public struct HeadAnswers: RouterMiddleware {
    public init() {}

    @concurrent public func handle(
        _ request: Request, context: RegistryRequestContext,
        next: @concurrent (Request, RegistryRequestContext) async throws -> Response
    ) async throws -> Response {
        let response = try await next(request, context)
        return request.method == .head ? response.createHeadResponse() : response
    }
}
