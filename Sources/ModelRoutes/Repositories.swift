import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RegistryWire
import RouteSupport
import StrictJSON

extension ModelRoutes {
    /// `/v1/repositories/{name}/tags` and what is beneath: what the OCI protocol has no words for.
    var repositories: Resource {
        Resource(
            "/v1/repositories/**", allowance: { try RepositoryAddress($0).part.allow },
            .get(.read, self.readRepository), .put(.mutate, self.putTag), .post(.mutate, self.undoTag))
    }

    private func readRepository(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let address = try RepositoryAddress(request)
        switch address.part {
        case .tags: return try await tags(address, request)
        case .history(let tag): return try await history(of: tag, address, request)
        case .tag(let tag): return .document(try await document(of: tag, address.repository))
        case .undo: throw address.noSuchMethod
        }
    }

    private func tags(_ address: RepositoryAddress, _ request: Request) async throws -> Response {
        let query = QueryReader(request)
        let limit = Int(try query.number("limit", in: 1...UInt64(RepositoryLists.pageMax), default: 100))
        let (tags, hasMore) = try await services.distribution.lists.tags(
            of: address.repository, after: try query.text("after"), limit: limit)
        var rows: [JSONValue] = []
        for tag in tags { rows.append(try await document(of: tag, address.repository).json) }
        var response = Response.json(.array(rows))
        if hasMore, let last = tags.last {
            response.headers[.nextPage] = "<\(address.path)?limit=\(limit)&after=\(last)>; rel=\"next\""
        }
        return response
    }

    private func document(of tag: Tag, _ repository: RepositoryKey) async throws -> TagDocument {
        let record = try await services.distribution.references.record(of: .tag(tag), in: repository)
        return TagDocument(
            tag: tag.description, digest: record.key.version.description, name: record.name.description,
            state: record.state.rawValue, format: record.acquisition.format)
    }

    private func history(of tag: Tag, _ address: RepositoryAddress, _ request: Request) async throws -> Response {
        let query = QueryReader(request)
        let limit = Int(try query.number("limit", in: 1...UInt64(TagHistory.pageMax), default: 100))
        let end = try query.text("before") == nil ? nil : query.number("before", in: 0...UInt64(Int64.max), default: 0)
        let changes = try await services.distribution.tagHistory.changes(
            of: tag, in: address.repository, before: end, limit: limit)
        var response = Response.json(.array(changes.map { TagChangeDocument($0).json }))
        if changes.count == limit, let last = changes.last {
            response.headers[.nextPage] = "<\(address.path)?limit=\(limit)&before=\(last.index)>; rel=\"next\""
        }
        return response
    }

    private func putTag(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let address = try RepositoryAddress(request)
        guard case .tag(let tag) = address.part else { throw address.noSuchMethod }
        let body: TagTargetDocument = try await JSONBody.read(request)
        guard let version = try? Digest(parsing: body.digest) else {
            throw RegistryError(.invalidDigest, "digest is no digest.", detail: ["field": "digest"])
        }
        let previous = try await services.distribution.tagHistory.point(
            tag, at: version, in: address.repository, try context.caller)
        return .document(TagTargetDocument(digest: version.description, previous: previous?.description))
    }

    private func undoTag(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let address = try RepositoryAddress(request)
        guard case .undo(let tag) = address.part else { throw address.noSuchMethod }
        let version = try await services.distribution.tagHistory.undo(tag, in: address.repository, try context.caller)
        return .document(TagTargetDocument(digest: version.description))
    }
}

extension TagChangeDocument {
    fileprivate init(_ change: TagHistory.Change) {
        self.init(
            index: change.index, time: change.time.description, actor: change.actor.description,
            digest: change.version?.description, previous: change.previous?.description)
    }
}

/// What a path under `/v1/repositories/` names. Names hold slashes, so it is read from its end.
private struct RepositoryAddress {
    enum Part {
        case tags
        case tag(Tag)
        case history(Tag)
        case undo(Tag)

        /// The methods that it has, as `Allow` lists them.
        var allow: String {
            switch self {
            case .tags, .history: "GET, HEAD"
            case .tag: "GET, HEAD, PUT"
            case .undo: "POST"
            }
        }
    }

    var repository: RepositoryKey
    var part: Part
    /// As the client wrote it.
    var path: String

    var noSuchMethod: RegistryError {
        RegistryError(
            .methodNotAllowed, "This path does not have this method.", detail: ["allow": .string(part.allow)])
    }

    /// - Throws: `.routeNotFound`, `.invalidName`.
    init(_ request: Request) throws(RegistryError) {
        path = request.uri.path
        var components = path.split(separator: "/", omittingEmptySubsequences: false).dropFirst(3).map(String.init)
        part = try Self.part(&components)
        do { repository = RepositoryKey(name: try RepositoryName(parsing: components.joined(separator: "/"))) } catch {
            throw RegistryError(.invalidName, "This is not the name of a repository: \(error.rawValue).")
        }
    }

    /// Takes away what follows the name.
    private static func part(_ components: inout [String]) throws(RegistryError) -> Part {
        let count = components.count
        if count >= 2, components[count - 1] == "tags" {
            components.removeLast(1)
            return .tags
        }
        if count >= 3, components[count - 2] == "tags", let tag = Tag(parsing: components[count - 1]) {
            components.removeLast(2)
            return .tag(tag)
        }
        if count >= 4, components[count - 3] == "tags", let tag = Tag(parsing: components[count - 2]) {
            let last = components[count - 1]
            components.removeLast(3)
            if last == "history" { return .history(tag) }
            if last == "undo" { return .undo(tag) }
        }
        throw RegistryError(.routeNotFound, "No operation has this path.")
    }
}
