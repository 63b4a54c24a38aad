import HTTPTypes
import Hummingbird
import RegistryCore
import RegistryServices
import RegistryWire
import RouteSupport
import StrictJSON

extension ModelRoutes {
    /// `POST /v1/model/promote` (201) and `POST /v1/promote` (200).
    var promote: [Resource] {
        [
            Resource(
                RouterPath(APIPath.promote),
                .post(.mutate) { request, context in try await self.promote(request, context, .created) }),
            Resource(
                RouterPath(APIPath.promoteShort),
                .post(.mutate) { request, context in try await self.promote(request, context, .ok) }),
        ]
    }

    private func promote(
        _ request: Request, _ context: RegistryRequestContext, _ status: HTTPResponse.Status
    ) async throws -> Response {
        let body: PromoteRequest = try await JSONBody.read(request)
        // Bytes that are named by a file may be new, and so may their name.
        let name =
            body.filename == nil
            ? try await services.distribution.references.name(of: body.name) : try ArtifactName(checked: body.name)
        let order = try PromotionOrder(body, name, ifMatch: request.headers[.ifMatch])
        return try await LongAnswer.make(request, context) { [services] progress in
            guard !body.dryRun else {
                return JSONAnswer(
                    DecisionDocument(try await services.promotion.rehearse(order, progress), order.name))
            }
            let record = try await services.promotion.promote(order, context.caller, progress)
            return JSONAnswer(ArtifactDocument(record, services.paths), status: status)
        }
    }
}

extension PromotionOrder {
    fileprivate init(_ body: PromoteRequest, _ name: ArtifactName, ifMatch: String?) throws(RegistryError) {
        let sha256 = try body.sha256.checkedDigest("sha256")
        var intake: IntakeOrder?
        if let filename = body.filename {
            intake = IntakeOrder(
                name: name, bytes: .source(try RelativePath(checked: filename, field: "filename")), sha256: sha256,
                sizeBytes: body.sizeBytes, source: try body.source.boundedText("source"),
                sourceRevision: try body.sourceRevision.boundedText("source_revision"), format: body.format)
        }
        self.init(
            name: name, sha256: sha256, intake: intake, claims: body.claims,
            expectedHead: try Self.expectedHead(ifMatch))
    }

    /// RFC 9110 §13.1.1; the entity tag of an artifact is the index of its newest event.
    private static func expectedHead(_ ifMatch: String?) throws(RegistryError) -> UInt64? {
        guard let ifMatch, ifMatch != "*" else { return nil }
        let tag =
            ifMatch.hasPrefix("\"") && ifMatch.hasSuffix("\"") && ifMatch.count > 2
            ? ifMatch.dropFirst().dropLast() : ""
        guard let head = UInt64(tag) else {
            throw RegistryError(.preconditionFailed, "If-Match does not hold an ETag of this registry.")
        }
        return head
    }
}

extension DecisionDocument {
    fileprivate init(_ assessment: Assessment, _ name: ArtifactName) {
        let decision = assessment.decision
        let json = decision.json.asObject
        self.init(
            name: name.description, outcome: decision.outcome.rawValue, reasons: decision.reasons,
            codes: decision.codes, policy: json?["policy"] ?? .null, trace: json?["trace"] ?? .null,
            findings: assessment.findings, facts: json?["facts"] ?? .null, waivers: json?["waivers"] ?? [],
            signatures: json?["signatures"] ?? [])
    }
}
