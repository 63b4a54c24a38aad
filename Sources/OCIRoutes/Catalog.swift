import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RouteSupport
import StrictJSON

extension OCIRoutes {
    /// `GET /v2/_catalog`: not in the specification, and what crane, regctl and replication of other registries use. It
    /// names what the principal may pull from.
    func catalog(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        try context.requireList()
        let page = try PageRequest(request)
        let (names, next) = try await services.lists.page(
            after: page.last, limit: page.limit, shownTo: context.principal)
        var response = Response.json(
            .object(JSONObject([("repositories", .array(names.map { .string($0.description) }))])))
        if let next, page.limit > 0 {
            response.headers[.nextPage] = page.next(DistributionDoor.path + "/_catalog", after: next)
        }
        return response
    }
}
