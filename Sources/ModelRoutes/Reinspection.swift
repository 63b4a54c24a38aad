import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryWire
import RouteSupport

extension ModelRoutes {
    /// `GET /v1/reinspection`: how far looking at what is trusted again has come.
    var reinspection: Resource {
        Resource(
            RouterPath(APIPath.reinspection),
            .get(.read) { _, _ in .document(ReinspectionDocument(services.reinspection.report)) })
    }
}

extension ReinspectionDocument {
    init(_ report: Reinspection.Report) {
        self.init(
            status: report.phase.rawValue, rules: report.standard?.rules, policy: report.standard?.policy.description,
            outdated: report.outdated, admitted: report.admitted, refused: report.refused,
            quarantined: report.quarantined, unresolved: report.unresolved, failing: report.failing,
            failures: report.failures.map { Failure(name: $0.name.description, codes: $0.codes) },
            fault: report.fault?.rawValue, startedAt: report.startedAt?.description,
            endedAt: report.endedAt?.description)
    }
}
