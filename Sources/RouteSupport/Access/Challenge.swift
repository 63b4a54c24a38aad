import HTTPTypes
import Hummingbird
import OCI
import RegistryCore

/// What `WWW-Authenticate` says to somebody who showed nothing, or nothing that was good enough.
///
/// Beneath `/v2` it is Bearer alone (RFC 6750 §3, with the parameters of the distribution project's token protocol),
/// and not Basic beside it, although a password is taken there: docker answers every challenge that it is given, and a
/// user without a password could not pull anonymously.
enum Challenge {
    static func value(_ code: ErrorCode, _ request: Request, _ rules: AccessRules) -> String {
        let path = request.uri.path
        guard DistributionDoor.has(path) else { return #"Bearer realm="pratique""# }
        guard path != DistributionDoor.tokenPath, rules.asksForToken else { return #"Basic realm="pratique""# }
        // Every value stands in quotation marks, and nothing follows the last one: some clients search for them.
        var fields = [
            ("realm", rules.origin.url(request) + DistributionDoor.tokenPath),
            ("service", rules.origin.authority(request)),
        ]
        if let scope = scope(request, path) { fields.append(("scope", scope)) }
        if code == .insufficientScope { fields.append(("error", "insufficient_scope")) }
        return "Bearer " + fields.map { "\($0)=\"\($1)\"" }.joined(separator: ",")
    }

    /// What a token would have to be for: one scope, or several with a space between.
    private static func scope(_ request: Request, _ path: String) -> String? {
        let rest = path.dropFirst(DistributionDoor.path.count + 1)
        if rest == "_catalog" { return Self.catalog }
        guard let path = DistributionPath(parsing: rest),
            let name = String(percentDecoding: path.repository[...]),
            let repository = try? RepositoryName(parsing: name)
        else { return nil }
        var scopes = ["repository:\(repository):\(actions(request.method, path.endpoint))"]
        if let other = alsoRead(request, repository, path.endpoint) { scopes.append("repository:\(other):pull") }
        // From whichever repository has it.
        let parameters = request.uri.queryParameters
        if path.endpoint == .uploads, parameters["mount"] != nil, parameters["from"] == nil { scopes.append(catalog) }
        return scopes.joined(separator: " ")
    }

    private static let catalog = "registry:catalog:*"

    /// Another repository that the request reads from: the one that a blob is to be mounted from, or the one that
    /// Ollama means.
    private static func alsoRead(
        _ request: Request, _ repository: RepositoryName, _ endpoint: DistributionPath.Endpoint
    ) -> RepositoryName? {
        switch endpoint {
        case .uploads:
            guard request.uri.queryParameters["mount"] != nil, let from = request.uri.queryParameters["from"],
                let source = try? RepositoryName(parsing: String(from)), source != repository
            else { return nil }
            return source
        case .upload: return nil
        case .manifest, .blob, .tags, .referrers, .summary:
            guard request.method == .get || request.method == .head else { return nil }
            return DistributionDoor.withoutLibrary(repository)
        }
    }

    private static func actions(_ method: HTTPRequest.Method, _ endpoint: DistributionPath.Endpoint) -> String {
        switch (method, endpoint) {
        case (_, .uploads), (_, .upload): "pull,push"
        case (.delete, _): "delete"
        case (.put, _), (.post, _), (.patch, _): "pull,push"
        default: "pull"
        }
    }
}
