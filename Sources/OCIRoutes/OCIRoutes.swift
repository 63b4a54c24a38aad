import HTTPTypes
public import Hummingbird
import OCI
import RegistryCore
public import RegistryServices
public import RouteSupport
import StrictJSON

/// The OCI distribution protocol, version 1.1. A file for each endpoint; this one finds it.
///
/// Sources: distribution-spec 1.1 and what its development version adds; what clients need beyond it stands where it is
/// done.
public struct OCIRoutes: Sendable {
    let services: DistributionServices
    let rules: AccessRules

    public init(_ services: DistributionServices, _ rules: AccessRules) {
        self.services = services
        self.rules = rules
    }

    public func register(on router: Router<RegistryRequestContext>) {
        let path = DistributionDoor.path
        let resources = [
            Resource(RouterPath(path), .get(.repository, version)),
            Resource(RouterPath(path + "/_catalog"), .get(.repository, catalog)),
            Resource(
                RouterPath(path + "/**"), allowance: { try Target($0).allow }, .get(.repository, read),
                .post(.repository, post), .put(.repository, put), .patch(.repository, patch),
                .delete(.repository, delete)),
            TokenEndpoint(rules: rules).resource,
        ]
        for resource in resources { resource.register(on: router, rules) }
    }

    /// `GET /v2/`: whoever shows nothing is told how to, also where reading is open. By this answer docker, podman and
    /// skopeo decide whether they send what they were logged in with; who was not fetches a token for anybody.
    private func version(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        guard request.headers[.authorization] != nil || !rules.asksForToken, context.principal.holdsAny else {
            throw RegistryError(.unauthorized, "Show a credential, or a token of \(DistributionDoor.tokenPath).")
        }
        return Response(status: .ok, headers: [.contentLength: "0"])
    }

    /// What a path beneath `/v2/` names.
    struct Target {
        var repository: RepositoryKey
        var endpoint: DistributionPath.Endpoint

        /// The target of a request by somebody who may do such a thing with it.
        ///
        /// - Throws: `.unauthorized`, `.insufficientScope`, `.accessDenied`; `.routeNotFound`, `.invalidName`.
        init(_ request: Request, for context: RegistryRequestContext) throws(RegistryError) {
            try self.init(request)
            try require(request, context)
        }

        func require(_ request: Request, _ context: RegistryRequestContext) throws(RegistryError) {
            // Who pushes asks first what is there already.
            if request.method == .head, context.may(.push, on: repository.name) { return }
            try context.require(right(request.method), on: repository.name)
        }

        private func right(_ method: HTTPRequest.Method) -> AccessRight {
            switch (endpoint, method) {
            case (.uploads, _), (.upload, _): .push
            case (_, .delete): .delete
            case (_, .put), (_, .post), (_, .patch): .push
            default: .pull
            }
        }

        /// - Throws: `.routeNotFound`, `.invalidName`.
        init(_ request: Request) throws(RegistryError) {
            let path = request.uri.path.dropFirst(DistributionDoor.path.count + 1)
            guard let path = DistributionPath(parsing: path) else {
                throw RegistryError(.routeNotFound, "No endpoint of the distribution protocol has this path.")
            }
            guard let name = String(percentDecoding: path.repository[...]) else {
                throw RegistryError(.invalidName, "The name in the path is not percent-encoded UTF-8.")
            }
            repository = RepositoryKey(name: try RepositoryName(checked: name))
            endpoint = path.endpoint
        }

        /// The methods of the endpoint, as `Allow` lists them.
        var allow: String {
            switch endpoint {
            case .manifest: "GET, HEAD, PUT, DELETE"
            case .blob: "GET, HEAD, DELETE"
            case .uploads: "POST"
            case .upload: "GET, PATCH, PUT, DELETE"
            case .tags, .referrers, .summary: "GET, HEAD"
            }
        }

        var noSuchMethod: RegistryError {
            RegistryError(
                .methodNotAllowed, "This path does not have this method.", detail: ["allow": .string(allow)])
        }
    }

    private func read(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let target = try await readTarget(request, context)
        let repository = target.repository
        switch target.endpoint {
        case .manifest(let reference): return try await manifest(reference, repository, request, context)
        case .blob(let digest): return try await blob(digest, repository, request, context)
        case .tags: return try await tags(repository, request)
        case .referrers(let digest): return try await referrers(digest, repository, request)
        case .summary(let digest): return try await summary(digest, repository)
        case .upload(let session): return try await upload(session, repository, request, context)
        case .uploads: throw target.noSuchMethod
        }
    }

    /// What is read: `NAME` for `library/NAME` where there is no such repository, or none that the caller may read.
    /// Whoever may push there is told what is there, and nothing of another repository: that is not what a push finds.
    private func readTarget(_ request: Request, _ context: RegistryRequestContext) async throws -> Target {
        var target = try Target(request)
        let name = target.repository.name
        guard let plain = DistributionDoor.withoutLibrary(name), target.endpoint.isContent,
            context.may(.pull, on: plain), request.method == .get || !context.may(.push, on: name)
        else {
            try target.require(request, context)
            return target
        }
        if context.may(.pull, on: name), try await services.references.exists(target.repository) { return target }
        target.repository = RepositoryKey(tenant: target.repository.tenant, name: plain)
        return target
    }

    private func post(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let target = try Target(request, for: context)
        guard case .uploads = target.endpoint else { throw target.noSuchMethod }
        return try await beginUpload(target.repository, request, context)
    }

    private func patch(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let target = try Target(request, for: context)
        guard case .upload(let session) = target.endpoint else { throw target.noSuchMethod }
        return try await patchUpload(session, target.repository, request, context)
    }

    private func put(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let target = try Target(request, for: context)
        switch target.endpoint {
        case .manifest(let reference): return try await putManifest(reference, target.repository, request, context)
        case .upload(let session): return try await putUpload(session, target.repository, request, context)
        case .blob, .tags, .referrers, .summary, .uploads: throw target.noSuchMethod
        }
    }

    private func delete(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let target = try Target(request, for: context)
        switch target.endpoint {
        case .manifest(let reference): return try await deleteManifest(reference, target.repository, context)
        case .blob(let digest): return try await deleteBlob(digest, target.repository, context)
        case .upload(let session): return try await deleteUpload(session, target.repository, context)
        case .tags, .referrers, .summary, .uploads: throw target.noSuchMethod
        }
    }

    /// On what the caller reads a repository.
    func right(_ repository: RepositoryKey, _ context: RegistryRequestContext) throws(RegistryError) -> PullRight {
        if rules.isOpen(repository.name) { return .openRepository }
        if context.may(.review, on: repository.name) { return .review(try context.caller) }
        return context.principal.mayReadBack(from: repository.name) ? .publisher(try context.caller) : .gate
    }

    /// Whether the caller may know what a repository holds before it is trusted.
    func mayPush(to repository: RepositoryKey, _ context: RegistryRequestContext) -> Bool {
        context.may(.push, on: repository.name)
    }
}

extension DistributionPath.Endpoint {
    /// Whether it is something that a repository holds.
    fileprivate var isContent: Bool {
        switch self {
        case .manifest, .blob, .tags, .referrers, .summary: true
        case .uploads, .upload: false
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
