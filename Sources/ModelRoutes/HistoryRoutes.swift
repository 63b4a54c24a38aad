import FoundationEssentials
import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryWire
import RouteSupport
import StrictJSON
import TransparencyLog

extension ModelRoutes {
    /// Most events in one answer.
    private static let eventsMax: UInt64 = 1_000

    /// `GET /v1/stats`, `/v1/audit`, `/v1/policy`.
    var history: [Resource] {
        [
            Resource(RouterPath(APIPath.stats), .get(.read) { _, _ in try await self.stats() }),
            Resource(
                RouterPath(APIPath.audit),
                .get(.read) { request, _ in
                    let (start, limit) = try Self.page(request)
                    return Self.page(
                        try await services.history.events(from: start, limit: limit), limit, APIPath.audit)
                }),
            Resource(RouterPath(APIPath.policy), .get(.read) { _, _ in self.policy() }),
        ]
    }

    func events(_ name: ArtifactName, _ request: Request) async throws -> Response {
        let (start, limit) = try Self.page(request)
        let items = try await services.history.events(of: name, from: start, limit: limit)
        return Self.page(items, limit, APIPath.events(of: name.description))
    }

    func evidence(_ name: ArtifactName) async throws -> Response {
        let entries = try await services.history.evidence(of: name)
        return .json(.array(entries.map { EvidenceDocument($0).json }))
    }

    func evidenceDocument(_ name: ArtifactName, _ digest: String) async throws -> Response {
        .bytes(try await services.history.document(of: name, digest), contentType: "application/json")
    }

    func tensorManifest(_ name: ArtifactName) async throws -> Response {
        guard let document = try await services.tensorCheck.manifest(of: name) else {
            throw RegistryError(.evidenceNotFound, "\(name) is not a single tensor file.")
        }
        return .bytes(document, contentType: "application/json")
    }

    /// `GET /v1/model/{name}/vsa`: what was decided, signed.
    func summary(_ name: ArtifactName) async throws -> Response {
        .bytes(
            try await services.summaries.summary(of: name), contentType: AdmissionSummaries.mediaType)
    }

    private func stats() async throws -> Response {
        let counts = try await services.directory.counts()
        return .json([
            "models": .integer(counts.total),
            "state_counts": .object(
                JSONObject(ArtifactState.allCases.map { ($0.rawValue, .integer(counts.byState[$0] ?? 0)) })),
            "log_size": .integer(services.publisher.signedSize),
            "policy_version": .string(services.policies.current.version),
        ])
    }

    private func policy() -> Response {
        let policy = services.policies.current
        return .document(
            PolicyDocument(
                name: policy.name, version: policy.version, digest: policy.digest.description,
                rules: policy.rules.map { rule in
                    PolicyDocument.Rule(id: rule.id, effect: rule.effect.rawValue, message: rule.message)
                }, formats: policy.formatsObject,
                verification: policy.verification.map(\.json), requireIntegrity: policy.requireIntegrity,
                waivers: policy.waivers.object,
                onRecheckFailure: policy.onRecheckFailure.rawValue))
    }

    private static func page(_ request: Request) throws(RegistryError) -> (start: UInt64, limit: Int) {
        let query = QueryReader(request)
        let limit = try query.number("limit", in: 1...eventsMax, default: 100)
        // Indexes are stored as signed 64-bit numbers.
        return (try query.number("from", in: 0...UInt64(Int64.max), default: 0), Int(limit))
    }

    private static func page(_ items: [History.Item], _ limit: Int, _ path: String) -> Response {
        var response = Response.json(
            .array(
                items.map {
                    EventDocument(index: $0.index, event: $0.event, leaf: Data($0.leaf).base64EncodedString()).json
                }))
        if items.count == limit, let last = items.last {
            response.headers[.nextPage] = "<\(path)?from=\(last.index + 1)&limit=\(limit)>; rel=\"next\""
        }
        return response
    }
}
