import HTTPTypes
import Hummingbird
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryWire
import RouteSupport

extension ModelRoutes {
    /// `GET /v1/collection`, what the last one removed; `POST /v1/collection`, another one now.
    var collection: Resource {
        Resource(
            RouterPath(APIPath.collection),
            .get(.read) { _, _ in .document(services.collector.last.map(CollectionDocument.init) ?? .unknown) },
            .post(.mutate, parameters: [Self.rehearsalParameter], self.collect))
    }

    private static let rehearsalParameter = "dry_run"

    private func collect(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let isRehearsal = try QueryReader(request).flag(Self.rehearsalParameter)
        try await JSONBody.requireNone(request)
        let collector = services.collector
        return try await LongAnswer.make(request, context) { _ in
            JSONAnswer(CollectionDocument(try await collector.run(isRehearsal: isRehearsal)))
        }
    }
}

extension CollectionDocument {
    init(_ report: Collector.Report) {
        self.init(
            status: "done", dryRun: report.isRehearsal, examined: report.result.examined, blobs: report.result.blobs,
            bytes: report.result.bytes, disagreements: report.result.disagreements,
            manifests: report.retention.manifests, manifestBytes: report.retention.bytes,
            manifestsPutLately: report.retention.putLately, repositoriesLeft: report.retention.repositoriesLeft,
            retentionFault: report.retention.fault?.code.rawValue,
            startedAt: report.startedAt.description, endedAt: report.endedAt.description)
    }
}
