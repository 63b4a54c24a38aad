import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RouteSupport
import StrictJSON

extension OCIRoutes {
    /// `GET /v2/_catalog`: not in the specification, and what crane, regctl and replication of other registries use.
    var catalog: Resource {
        Resource(
            RouterPath(DistributionDoor.path + "/_catalog"),
            .get(.read) { request, _ in
                let page = try PageRequest(request)
                let last = try page.last.map { (text) throws(RegistryError) in try RepositoryName(checked: text) }
                let (names, hasMore) = try await repositories.page(after: last, limit: page.limit)
                var response = Response.json(
                    .object(JSONObject([("repositories", .array(names.map { .string($0.description) }))])))
                response.headers[DistributionDoor.version] = DistributionDoor.versionValue
                if let last = names.last, hasMore {
                    response.headers[.nextPage] = page.next("/v2/_catalog", after: last.description)
                }
                return response
            })
    }
}
