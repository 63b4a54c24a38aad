import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RouteSupport

extension OCIRoutes {
    /// `GET /v2/{name}/referrers/{digest}` (distribution-spec 1.1, "Listing Referrers"): an index, empty where nothing
    /// refers to the digest. Nothing can yet: no manifest that comes in by the model API has a subject.
    func referrers(_ text: String, _ request: Request) throws -> Response {
        _ = try Digest(inPath: text)
        var response = Response.bytes(ImageIndex(manifests: []).encoded(), contentType: MediaType.imageIndex.name)
        if try QueryReader(request).text("artifactType") != nil {
            response.headers[.filtersApplied] = "artifactType"
        }
        return response
    }
}

extension HTTPField.Name {
    static let filtersApplied = HTTPField.Name(parsed: "oci-filters-applied") ?? .vary
}
