import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RegistryWire
import RouteSupport

extension ModelRoutes {
    /// `GET /v1/model/path`: where a runtime on this machine finds a trusted artifact.
    var modelPath: Resource {
        Resource(
            RouterPath(APIPath.modelPath),
            .get(.read) { request, _ in
                let name = try await self.subject(of: request)
                let repository = services.distribution.references.repository(of: try QueryReader(request).name())
                let (artifact, path) = try await services.paths.path(of: name, in: repository)
                let content = artifact.record.acquisition.content
                return .document(
                    PathDocument(path: path, sha256: content.sha256.hex, sizeBytes: content.sizeBytes))
            })
    }
}
