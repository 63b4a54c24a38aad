import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RouteSupport

extension OCIRoutes {
    /// `GET /v2/{name}/_pratique/vsa/{digest}`: what the registry signs about a manifest that is trusted, for whoever
    /// may pull it.
    func summary(_ text: String, _ repository: RepositoryKey) async throws -> Response {
        let version = try Digest(inPath: text)
        let record = try await services.references.record(of: .digest(version), in: repository)
        var response = Response.bytes(
            try await services.summaries.summary(of: record), contentType: AdmissionSummaries.mediaType)
        // Trust may end, and another decision has another summary.
        response.headers[.cacheControl] = "private, no-cache"
        return response
    }

    /// `Link` of a manifest: where its summary is; `nil` unless it leaves as a trusted one.
    static func summaryLink(_ manifest: PulledManifest, _ repository: RepositoryKey) -> String? {
        guard case .servable(let artifact) = manifest.receipt, artifact.record.recheck == nil else { return nil }
        let path = DistributionPath.summary(of: manifest.digest, in: repository.name)
        return "<\(path)>; rel=\"\(AdmissionSummaries.relation)\"; type=\"\(AdmissionSummaries.mediaType)\""
    }
}

extension HTTPField.Name {
    /// RFC 8288.
    static let link = HTTPField.Name.nextPage
}
