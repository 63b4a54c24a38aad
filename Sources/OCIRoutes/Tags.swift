import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RouteSupport
import StrictJSON

extension OCIRoutes {
    /// `GET /v2/{name}/tags/list` (distribution-spec 1.1, "Listing Tags"): in the order of their bytes. `last` need not
    /// be there.
    func tags(_ repository: RepositoryKey, _ request: Request) async throws -> Response {
        let page = try PageRequest(request)
        let (tags, hasMore) = try await services.lists.tags(of: repository, after: page.last, limit: page.limit)
        var response = Response.json(
            .object(
                JSONObject([
                    ("name", .string(repository.name.description)),
                    ("tags", .array(tags.map { .string($0.description) })),
                ])))
        if let last = tags.last, hasMore {
            let path = "\(DistributionDoor.path)/\(repository.name)/tags/list"
            response.headers[.nextPage] = page.next(path, after: last)
        }
        return response
    }
}

/// `n` and `last` of a list.
struct PageRequest {
    var limit: Int
    var last: String?

    /// - Throws: `.invalidField` for an `n` that is no number. One that is too large is cut down.
    init(_ request: Request) throws(RegistryError) {
        let query = QueryReader(request)
        let wanted = try query.number("n", in: 0...UInt64.max, default: UInt64(RepositoryLists.pageMax))
        limit = min(Int(clamping: wanted), RepositoryLists.pageMax)
        last = try query.text("last")
    }

    /// The value of `Link` (RFC 8288), whose address is relative.
    func next(_ path: String, after last: some CustomStringConvertible) -> String {
        "<\(path)?n=\(limit)&last=\(last.description.percentEncoded)>; rel=\"next\""
    }
}
