import HTTPTypes
import Hummingbird
import NIOCore
import RegistryCore
import RouteSupport
import StrictJSON

/// `GET` and `POST /token`: issues tokens for repositories, to whoever shows a credential, and to anybody where reading
/// is open.
///
/// Sources: the distribution project's "Token Authentication Specification" and "OAuth2 Token Authentication". Refresh
/// tokens are not issued. A token is for what was asked for as far as that is held, and there is no error for the rest.
struct TokenEndpoint: Sendable {
    private static let formBytesMax = 64 << 10

    let rules: AccessRules

    var resource: Resource {
        Resource(
            RouterPath(DistributionDoor.tokenPath),
            .get(.token) { request, context in
                let fields = try FormFields(parsing: request.uri.query ?? "")
                return try answer(request, fields, password: nil, context)
            },
            .post(.token) { request, context in
                let fields = try FormFields(parsing: try await Self.form(request))
                return try answer(request, fields, password: try Self.password(fields), context)
            })
    }

    private func answer(
        _ request: Request, _ fields: FormFields, password: String?, _ context: RegistryRequestContext
    ) throws(RegistryError) -> Response {
        let texts = fields.all("scope").flatMap { $0.split(separator: " ") }
        guard texts.count <= TokenScopes.countMax else {
            throw RegistryError(
                .invalidField, "A token has at most \(TokenScopes.countMax) scopes.", detail: ["field": "scope"])
        }
        let grant = try rules.issue(
            TokenScopes(parsing: texts), request, fields, password: password, from: context.source,
            at: context.localAddress)
        // Clients read one or the other.
        return .json(
            .object(
                JSONObject([
                    ("token", .string(grant.token)), ("access_token", .string(grant.token)),
                    ("expires_in", .integer(Int(grant.seconds))), ("issued_at", .string(grant.issued.description)),
                ])))
    }

    /// The secret in a form; `nil` when it stands in `Authorization`, or nowhere.
    private static func password(_ fields: FormFields) throws(RegistryError) -> String? {
        switch try fields.text("grant_type") {
        case "password": return try fields.text("password")
        case nil:
            throw RegistryError(.missingField, "grant_type is missing.", detail: ["field": "grant_type"])
        default:
            throw RegistryError(
                .invalidField, "grant_type has to be password: refresh tokens are not issued.",
                detail: ["field": "grant_type"])
        }
    }

    private static func form(_ request: Request) async throws -> String {
        let type = request.headers[.contentType]?.split(separator: ";").first?.lowercased()
        guard type == "application/x-www-form-urlencoded" else {
            throw RegistryError(.unsupportedMediaType, "The body has to be application/x-www-form-urlencoded.")
        }
        var bytes: [UInt8] = []
        for try await buffer in request.body {
            guard bytes.count + buffer.readableBytes <= formBytesMax else {
                throw RegistryError(
                    .bodyTooLarge, "The body has more than \(formBytesMax) bytes.",
                    detail: ["limit": .integer(formBytesMax)])
            }
            bytes.append(contentsOf: buffer.readableBytesView)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
