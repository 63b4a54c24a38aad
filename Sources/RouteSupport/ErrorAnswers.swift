import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import RegistryCore
import RegistryWire
import StrictJSON

/// Turns every error into the error document of the door that was knocked at, and writes the cause to the log.
struct ErrorAnswers: Sendable {
    private let rules: AccessRules

    /// - Parameter rules: say what to ask for where something is missing.
    init(_ rules: AccessRules) {
        self.rules = rules
    }

    func answer(_ thrown: any Error, to request: Request, _ context: RegistryRequestContext) -> Response {
        answer(Self.said(thrown, context), to: request)
    }

    /// The error that a client is told of, whatever was thrown; its cause goes to the log.
    static func said(_ thrown: any Error, _ context: RegistryRequestContext) -> RegistryError {
        let error =
            switch thrown {
            case let error as RegistryError: error
            case let error as HTTPError: translated(error)
            default: RegistryError(.internalError, "The registry failed.", cause: thrown)
            }
        if error.code.httpStatus >= 500 || error.cause != nil {
            context.logger.error(
                "request failed",
                metadata: [
                    "request": "\(context.requestID)", "code": "\(error.code.rawValue)", "at": "\(error.location)",
                    "cause": "\(error.cause.map { String(describing: $0) } ?? "none")",
                ])
        }
        return error
    }

    private func answer(_ error: RegistryError, to request: Request) -> Response {
        let isDistribution = DistributionDoor.has(request)
        var response = isDistribution ? DistributionDoor.answer(error) : JSONAnswer(error).response
        switch error.code {
        case .unauthorized, .insufficientScope:
            response.headers[.wwwAuthenticate] = Challenge.value(error.code, request, rules)
        case .rangeNotSatisfiable:
            response.headers[.contentRange] = "bytes */\(error.detail["size"]?.asNumber?.text ?? "0")"
        case .tooManyAttempts: response.headers[.retryAfter] = error.detail["retry_after"]?.asNumber?.text ?? "60"
        case .overloaded: response.headers[.retryAfter] = "2"
        case .storageUnavailable: response.headers[.retryAfter] = "5"
        case .methodNotAllowed: response.headers[.allow] = error.detail["allow"]?.asString ?? ""
        default: break
        }
        return response
    }

    /// What the router and the body reader say.
    private static func translated(_ error: HTTPError) -> RegistryError {
        switch error.status.code {
        case 404: RegistryError(.routeNotFound, "No operation has this path.")
        case 405: RegistryError(.methodNotAllowed, "This path does not have this method.")
        case 413: RegistryError(.bodyTooLarge, "The body is too large.")
        case 400..<500: RegistryError(.invalidRequest, "The request is not understood.", cause: error)
        default: RegistryError(.internalError, "The registry failed.", cause: error)
        }
    }
}
