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
        let resources = [
            Resource(RouterPath(DistributionDoor.path), .get(.read) { _, _ in Response.distribution(status: .ok) }),
            catalog,
            Resource(RouterPath(DistributionDoor.path + "/**"), .get(.read, answer)),
        ]
        for resource in resources { resource.register(on: router, rules) }
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
        var response =
            switch path.endpoint {
            case .manifest(let reference): try await manifest(reference, repository, request, context)
            case .blob(let digest): try await blob(digest, repository, request, context)
            case .tags: try await tags(repository, request)
            case .referrers(let digest): try referrers(digest, request)
            case .uploads, .upload:
                throw RegistryError(.uploadNotFound, "Artifacts come in by the model API; nothing is pushed here yet.")
            }
        response.headers[DistributionDoor.version] = DistributionDoor.versionValue
        return response
    }
}

extension Response {
    /// An answer without a body.
    static func distribution(status: HTTPResponse.Status, headers: HTTPFields = [:]) -> Response {
        var response = Response(status: status, headers: headers)
        response.headers[DistributionDoor.version] = DistributionDoor.versionValue
        response.headers[.contentLength] = "0"
        return response
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
