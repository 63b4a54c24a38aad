import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RouteSupport

extension OCIRoutes {
    /// `GET /v2/{name}/referrers/{digest}` (distribution-spec 1.1, "Listing Referrers"): an index, empty where nothing
    /// refers to the digest, and page by page where much does.
    func referrers(_ text: String, _ repository: RepositoryKey, _ request: Request) async throws -> Response {
        let subject = try Digest(inPath: text)
        let type = try QueryReader(request).text("artifactType")
        let query = try PageRequest(request)
        let page = try await services.lists.referrers(
            of: subject, in: repository, artifactType: type, after: query.last.flatMap { try? Digest(parsing: $0) },
            limit: query.limit)
        var response = Response.bytes(
            ImageIndex.encoded(listing: page.descriptors), contentType: MediaType.imageIndex.name)
        if type != nil { response.headers[.filtersApplied] = "artifactType" }
        if let next = page.next {
            let filter = type.map { "artifactType=\($0.percentEncoded)&" } ?? ""
            let path = "\(DistributionDoor.path)/\(repository.name)/referrers/\(subject)?\(filter)"
            response.headers[.nextPage] = "<\(path)n=\(query.limit)&last=\(next)>; rel=\"next\""
        }
        return response
    }
}

extension HTTPField.Name {
    static let filtersApplied = HTTPField.Name(parsed: "oci-filters-applied") ?? .vary
}
