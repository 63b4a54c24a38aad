import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryWire
import RouteSupport
import StrictJSON

extension ModelRoutes {
    /// `GET` and `POST /v1/waivers`, `DELETE /v1/waivers/{id}`.
    ///
    /// A credential with the right *waive* grants and ends them, and nobody else: whoever may push or promote must not
    /// be able to answer for what is found in it.
    var waivers: [Resource] {
        [
            Resource(
                RouterPath(APIPath.waivers), .get(.repository, self.listWaivers), .post(.repository, self.grantWaiver)),
            Resource("/v1/waivers/{id}", .delete(.repository, self.revokeWaiver)),
        ]
    }

    /// Most versions in one page.
    private static let waivedMax: UInt64 = 1_000

    private func listWaivers(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        guard context.principal.maySeeWaivers else { throw Self.mayNotWaive(context, nil) }
        let query = QueryReader(request)
        let limit = Int(try query.number("limit", in: 1...Self.waivedMax, default: Self.waivedMax))
        let after = Int64(try query.number("after", in: 0...UInt64(Int64.max), default: 0))
        let (waivers, next) = try await services.waivers.list(after: after, limit: limit)
        var response = Response.json(.array(waivers.map { WaiverDocument($0).json }))
        if let next {
            response.headers[.nextPage] = "<\(APIPath.waivers)?after=\(next)&limit=\(limit)>; rel=\"next\""
        }
        return response
    }

    private func grantWaiver(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let principal = context.principal
        guard principal.mayWaiveSomething else { throw Self.mayNotWaive(context, nil) }
        let order = try WaiverOrder(try await JSONBody.read(request) as WaiverRequest)
        let granted = try await services.waivers.grant(order, context.caller) { principal.mayWaive($0) }
        return .json(.array(granted.map { WaiverDocument($0).json }), status: .created)
    }

    private func revokeWaiver(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let principal = context.principal
        guard principal.mayWaiveSomething else { throw Self.mayNotWaive(context, nil) }
        guard let id = context.parameters.get("id").flatMap({ UInt64($0) }), id <= UInt64(Int64.max) else {
            throw RegistryError(.invalidField, "A waiver's id is a whole number.", detail: ["field": "id"])
        }
        let body: ChangeRequest = try await JSONBody.readIfAny(request) ?? ChangeRequest()
        let reason = try body.reason.boundedText("reason")
        let ended = try await services.waivers.revoke(id, reason: reason, context.caller) { principal.mayWaive($0) }
        return .document(WaiverDocument(ended))
    }

    private static func mayNotWaive(_ context: RegistryRequestContext, _ name: ArtifactName?) -> RegistryError {
        guard let actor = context.principal.actor else {
            return RegistryError(.unauthorized, "Waivers take a credential with the right of waive.")
        }
        return RegistryError(
            .accessDenied,
            "\(actor) has no right of waive: that takes a credential of its own, which the service token is not.")
    }
}

extension WaiverOrder {
    fileprivate init(_ body: WaiverRequest) throws(RegistryError) {
        var names: NamePattern?
        if let pattern = body.name {
            names = NamePattern(parsing: pattern)
            guard names != nil else {
                throw RegistryError(.invalidName, "name is neither a name nor NAME/*.", detail: ["field": "name"])
            }
        }
        guard let end = Self.end(body) else {
            throw RegistryError(
                .invalidField, "A waiver takes either expires, a time by RFC 3339, or days, from 1 on.",
                detail: ["field": "expires"])
        }
        self.init(
            rule: body.rule, digest: try Self.digest(body.digest), names: names,
            member: try Self.line(body.member, "member", bytesMax: WaiverTerms.memberBytesMax),
            reason: try Self.line(body.reason, "reason", bytesMax: WaiverTerms.reasonBytesMax) ?? "",
            ticket: try Self.line(body.ticket, "ticket", bytesMax: WaiverTerms.ticketBytesMax), end: end)
    }

    /// Pushed manifests and blobs may be under SHA-512.
    private static func digest(_ text: String) throws(RegistryError) -> Digest {
        guard let digest = try? Digest(parsing: text) else { return try Digest(checked: text, field: "digest") }
        return digest
    }

    private static func end(_ body: WaiverRequest) -> End? {
        switch (body.expires, body.days) {
        case (let text?, nil): Timestamp(parsing: text).map { .at($0) }
        case (nil, let days?): days > 0 ? .after(days: days) : nil
        case (nil, nil), (_?, _?): nil
        }
    }

    /// A line of text that goes into the log, and that says something.
    private static func line(_ text: String?, _ field: String, bytesMax: Int) throws(RegistryError) -> String? {
        guard let text = try text.boundedText(field) else { return nil }
        guard text.contains(where: { !$0.isWhitespace }), text.utf8.count <= bytesMax else {
            throw RegistryError(
                .invalidField, "\(field) has 1 to \(bytesMax) bytes, and not only spaces.",
                detail: ["field": .string(field)])
        }
        return text
    }
}

extension WaiverDocument {
    init(_ granted: GrantedWaiver) {
        let (waiver, terms) = (granted.waiver, granted.waiver.terms)
        self.init(
            id: waiver.id, name: granted.record.name.description, version: granted.record.key.version.description,
            rule: terms.rule, file: terms.file?.description, member: terms.member, reason: terms.reason,
            ticket: terms.ticket, expires: terms.expires.description, grantedBy: waiver.grantedBy.description,
            grantedAt: waiver.grantedAt.description, inUse: granted.isInUse)
    }
}
