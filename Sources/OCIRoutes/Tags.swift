import Hummingbird
import HTTPTypes
import OCI
import RegistryCore
import RegistryServices
import RouteSupport
import StrictJSON

extension OCIRoutes {
    /// `GET /v2/{name}/tags/list` (distribution-spec 1.1, "Listing Tags"): in the order of their bytes. `last` need not
    /// be there.
    func tags(_ repository: RepositoryName, _ request: Request) async throws -> Response {
        let page = try PageRequest(request)
        let tags = try await repositories.tags(of: repository).sorted()
            .filter { tag in page.last.map { $0.utf8.lexicographicallyPrecedes(tag.description.utf8) } ?? true }
        let shown = tags.prefix(page.limit)
        var response = Response.json(
            .object(
                JSONObject([
                    ("name", .string(repository.description)),
                    ("tags", .array(shown.map { .string($0.description) })),
                ])))
        if let last = shown.last, shown.count < tags.count {
            response.headers[.nextPage] = page.next("/v2/\(repository)/tags/list", after: last.description)
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
        let wanted = try query.number("n", in: 0...UInt64.max, default: UInt64(Repositories.pageMax))
        limit = min(Int(clamping: wanted), Repositories.pageMax)
        last = try query.text("last")
    }

    /// The value of `Link` (RFC 8288), whose address is relative.
    func next(_ path: String, after last: String) -> String {
        "<\(path)?n=\(limit)&last=\(last.percentEncoded)>; rel=\"next\""
    }
}
