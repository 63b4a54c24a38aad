import HTTPTypes
import Hummingbird
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryWire
import RouteSupport
import StrictJSON

extension ModelRoutes {
    /// `/health`, `/livez`, `/readyz`.
    var health: [Resource] {
        [
            Resource(RouterPath(APIPath.health), .get(.open) { _, _ in await self.answerHealth() }),
            Resource(RouterPath(APIPath.live), .get(.open) { _, _ in .json(["status": "ok"]) }),
            Resource(RouterPath(APIPath.ready), .get(.open) { _, _ in await self.answerHealth() }),
        ]
    }

    private func answerHealth() async -> Response {
        var counts: [ArtifactState: UInt64] = [:]
        var reasons = services.health.reasons()
        do { counts = try await services.directory.counts().byState } catch {
            reasons.append("The metadata store does not answer.")
        }
        let document = HealthDocument(
            status: reasons.isEmpty ? "ok" : "degraded", modelCount: counts.values.reduce(0, +),
            trustedCount: counts[.trusted] ?? 0,
            stateCounts: ArtifactState.allCases.map { ($0.rawValue, counts[$0] ?? 0) },
            authRequired: services.health.authRequired, version: services.health.version, reasons: reasons)
        return .document(document, status: reasons.isEmpty ? .ok : .serviceUnavailable)
    }
}
