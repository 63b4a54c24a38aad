import HTTPTypes
public import Hummingbird
import OCI
import RegistryCore
public import RegistryServices
public import RouteSupport

/// The OCI distribution protocol, version 1.1, for those who pull. A file for each endpoint; this one finds it.
///
/// Sources: distribution-spec 1.1, "Pull" and "Content Discovery"; what clients need beyond it stands where it is done.
public struct OCIRoutes: Sendable {
    let repositories: Repositories

    public init(_ repositories: Repositories) {
        self.repositories = repositories
    }

    public func register(on router: Router<RegistryRequestContext>, _ rules: AccessRules) {
        let path = DistributionDoor.path
        let resources = [
            Resource(RouterPath(path), read { _, _ in Response(status: .ok, headers: [.contentLength: "0"]) }),
            Resource(RouterPath(path + "/_catalog"), read { request, _ in try await catalog(request) }),
            Resource(RouterPath(path + "/**"), read(answer)),
        ]
        for resource in resources { resource.register(on: router, rules) }
    }

    /// Every answer says which protocol this is; errors get the same where they are made.
    private func read(_ handler: @escaping Resource.Handler) -> Resource.Operation {
        .get(.read) { request, context in
            var response = try await handler(request, context)
            response.headers[DistributionDoor.version] = DistributionDoor.versionValue
            return response
        }
    }

    private func answer(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let path = request.uri.path.dropFirst(DistributionDoor.path.count + 1)
        guard let path = DistributionPath(parsing: path) else {
            throw RegistryError(.routeNotFound, "No endpoint of the distribution protocol has this path.")
        }
        guard let name = String(percentDecoding: path.repository[...]) else {
            throw RegistryError(.invalidName, "The name in the path is not percent-encoded UTF-8.")
        }
        let repository = try RepositoryName(checked: name)
        switch path.endpoint {
        case .manifest(let reference): return try await manifest(reference, repository, request, context)
        case .blob(let digest): return try await blob(digest, repository, request, context)
        case .tags: return try await tags(repository, request)
        case .referrers(let digest): return try referrers(digest, request)
        case .uploads, .upload:
            throw RegistryError(.uploadNotFound, "Artifacts come in by the model API; nothing is pushed here yet.")
        }
    }
}

extension RepositoryName {
    /// - Throws: `.invalidName` with the rule that is broken.
    init(checked text: String) throws(RegistryError) {
        do { try self.init(parsing: text) } catch {
            throw RegistryError(.invalidName, "This is not the name of a repository: \(error.rawValue).")
        }
    }
}

extension Digest {
    /// The digest at the end of a path, whose colon some clients escape.
    ///
    /// - Throws: `.invalidDigest`.
    init(inPath text: String) throws(RegistryError) {
        guard let decoded = String(percentDecoding: text[...]), let digest = try? Digest(parsing: decoded) else {
            throw RegistryError(.invalidDigest, "The path does not end in a digest.")
        }
        self = digest
    }
}
