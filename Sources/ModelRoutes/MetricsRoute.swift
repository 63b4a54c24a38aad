import Hummingbird
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryWire
import RouteSupport

extension ModelRoutes {
    /// `GET /metrics`: Prometheus text format 0.0.4.
    var metrics: Resource {
        Resource(
            RouterPath(APIPath.metrics),
            .get(.read) { _, _ in
                let counts = try await services.directory.counts()
                var gauges = ArtifactState.allCases.map { state in
                    (
                        name: "pratique_artifacts", help: "Artifacts by state.",
                        labels: "{state=\"\(state.rawValue)\"}",
                        value: Double(counts.byState[state] ?? 0)
                    )
                }
                gauges.append(
                    (
                        "pratique_log_signed_size", "Entries under the signed checkpoint.", "",
                        Double(services.publisher.signedSize)
                    ))
                if let sweep = services.sweep.lastResult {
                    gauges.append(
                        (
                            "pratique_sweep_failures", "Artifacts that failed the last integrity sweep.", "",
                            Double(sweep.failures)
                        ))
                    gauges.append(
                        (
                            "pratique_sweep_undecided", "Artifacts that the last integrity sweep could not check.", "",
                            Double(sweep.undecided)
                        ))
                    gauges.append(
                        (
                            "pratique_sweep_end_seconds", "When the last integrity sweep ended.", "",
                            Double(sweep.endedAt.milliseconds) / 1_000
                        ))
                }
                if let collection = services.collector.last {
                    gauges.append(
                        (
                            "pratique_collection_end_seconds", "When the last collection ended.", "",
                            Double(collection.endedAt.milliseconds) / 1_000
                        ))
                }
                gauges += reinspectionGauges
                return .bytes(
                    Array(services.meters.text(gauges: gauges).utf8),
                    contentType: "text/plain; version=0.0.4; charset=utf-8")
            })
    }

    private var reinspectionGauges: [(name: String, help: String, labels: String, value: Double)] {
        let report = services.reinspection.report
        guard report.phase != .unknown else { return [] }
        return [
            (
                "pratique_reinspection_outdated", "Trusted artifacts that still have to be looked at again.", "",
                Double(report.outdated)
            ),
            (
                "pratique_reinspection_failing", "Trusted artifacts that are not admitted any more.", "",
                Double(report.failing)
            ),
        ]
    }
}
