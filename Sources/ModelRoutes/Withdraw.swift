import HTTPTypes
import Hummingbird
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
                    try await self.withdraw(.delete, try await self.subject(of: request), request, context)
                }),
        ]
    }

    private func quarantine(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let name = try await self.subject(of: request)
        let body: ChangeRequest = try await JSONBody.readIfAny(request) ?? ChangeRequest()
        let reason = try body.reason.boundedText("reason")
        return try await LongAnswer.make(request, context) { [services] progress in
            let (_, already) = try await services.quarantine.quarantine(
                name, reason: reason, context.caller, progress)
            return JSONAnswer(
                ChangeDocument(name: name.description, status: already ? "already_quarantined" : "quarantined"))
        }
    }

    func withdraw(
        _ kind: Withdrawal.Kind, _ name: ArtifactName, _ request: Request, _ context: RegistryRequestContext
    ) async throws -> Response {
        let body: ChangeRequest = try await JSONBody.readIfAny(request) ?? ChangeRequest()
        let reason = try body.reason.boundedText("reason")
        let done = kind == .revoke ? "revoked" : "deleted"
        guard body.digest else {
            let (_, already) = try await services.withdrawal.withdraw(name, kind, reason: reason, context.caller)
            return .document(ChangeDocument(name: name.description, status: already ? "already_\(done)" : done))
        }
        let (_, already, names) = try await services.withdrawal.withdrawEverywhere(
            name, kind, reason: reason, context.caller)
        return .document(
            ChangeDocument(
                name: name.description, status: already ? "already_\(done)" : done,
                names: names.map(\.description)))
    }
}
