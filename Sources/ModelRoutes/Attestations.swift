import Hummingbird
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryWire
import RouteSupport
import StrictJSON

extension ModelRoutes {
    /// `GET /v1/model/{name}/attestations`: the bundles that were attached, whoever signed them.
    func attestations(_ name: ArtifactName) async throws -> Response {
        .json(.array(try await services.bundles.list(of: name).map { EvidenceDocument($0).json }))
    }

    /// `POST /v1/model/{name}/attestations`: attaches the bundle that is the body. It says nothing by that alone.
    func attach(_ name: ArtifactName, _ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let bytes = try await JSONBody.bytes(request, bytesMax: AttachedBundles.bundleBytesMax)
        let (entry, isNew) = try await services.bundles.attach(bytes, to: name, context.caller)
        return .document(EvidenceDocument(entry), status: isNew ? .created : .ok)
    }
}

extension EvidenceDocument {
    init(_ entry: EvidenceEntry) {
        self.init(
            kind: entry.kind.rawValue, digest: entry.digest.description, sizeBytes: entry.sizeBytes,
            time: entry.time.description, eventIndex: entry.eventIndex)
    }
}
