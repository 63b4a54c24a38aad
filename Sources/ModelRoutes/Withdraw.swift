import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RegistryWire
import RouteSupport

extension ModelRoutes {
    /// `POST /v1/model/quarantine`, `POST /v1/model/revoke`, `DELETE /v1/model/delete`.
    var withdrawals: [Resource] {
        [
            Resource(
                RouterPath(APIPath.quarantine),
                .post(.mutate, parameters: Self.subjectParameters, self.quarantine)),
            Resource(
                RouterPath(APIPath.revoke),
                .post(.mutate, parameters: Self.subjectParameters) { request, context in
                    try await self.withdraw(.revoke, try await self.subject(of: request), request, context)
                }),
            Resource(
                RouterPath(APIPath.delete),
                .delete(.mutate, parameters: Self.subjectParameters) { request, context in
                    let name = try await self.services.distribution.references.ownName(
                        of: try QueryReader(request).name())
                    return try await self.withdraw(.delete, name, request, context)
                }),
        ]
    }

    private func quarantine(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let name = try await self.subject(of: request)
        let body: ChangeRequest = try await JSONBody.readIfAny(request) ?? ChangeRequest()
        let reason = try body.reason.boundedText("reason")
        return try await LongAnswer.make(request, context) { [services] progress in
            let outcome = try await services.quarantine.quarantine(name, reason: reason, context.caller, progress)
            return JSONAnswer(ChangeDocument(outcome, of: name, "quarantined", isByDigest: false))
        }
    }

    func withdraw(
        _ kind: Withdrawal.Kind, _ name: ArtifactName, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        let body: ChangeRequest = try await JSONBody.readIfAny(request) ?? ChangeRequest()
        let reason = try body.reason.boundedText("reason")
        let done = kind == .revoke ? "revoked" : "deleted"
        let outcome =
            body.digest
            ? try await services.withdrawal.withdrawEverywhere(name, kind, reason: reason, context.caller)
            : try await services.withdrawal.withdraw(name, kind, reason: reason, context.caller)
        return .document(ChangeDocument(outcome, of: name, done, isByDigest: body.digest))
    }
}

extension ChangeDocument {
    /// - Parameter done: what has been done to the artifact, in one word.
    init(_ outcome: WithdrawnVersions, of name: ArtifactName, _ done: String, isByDigest: Bool) {
        self.init(
            name: name.description, status: outcome.already ? "already_\(done)" : done,
            names: isByDigest || outcome.names.count > 1 ? outcome.names.map(\.description) : nil,
            kept: outcome.kept.isEmpty ? nil : outcome.kept.map { KeptDocument($0) })
    }
}

extension KeptDocument {
    init(_ kept: KeptVersion) {
        switch kept.reason {
        case .index(let index): self.init(name: kept.name.description, reason: "index", by: index.description)
        case .tag(let tag): self.init(name: kept.name.description, reason: "tag", by: tag)
        case .bytes(let digest): self.init(name: kept.name.description, reason: "bytes", by: digest.description)
        }
    }
}
