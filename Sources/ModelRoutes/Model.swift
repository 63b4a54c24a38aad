import HTTPTypes
import Hummingbird
import OCI
import RegistryCore
import RegistryServices
import RegistryWire
import RouteSupport
import StrictJSON

extension ModelRoutes {
    /// `/v1/model?name=` and everything under `/v1/model/{name}`.
    var model: [Resource] {
        [
            Resource(
                RouterPath(APIPath.model),
                .get(.read) { request, _ in
                    try await self.answerRecord(try await self.subject(of: request), request)
                }),
            Resource(
                "/v1/model/**", allowance: { try ModelAddress($0).part.allow }, .get(.read, self.get),
                .post(.mutate, self.post), .put(.mutate, parameters: Self.uploadParameters, self.put),
                .delete(.mutate, parameters: Self.uploadParameters, self.delete)),
        ]
    }

    private func get(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let address = try ModelAddress(request)
        guard address.part != .content else { return try await uploadOffset(try address.name, request) }
        let name = try await services.distribution.references.name(of: address.text)
        switch address.part {
        case .record, .content: return try await answerRecord(name, request)
        case .events: return try await events(name, request)
        case .evidence: return try await evidence(name)
        case .attestations: return try await attestations(name)
        case .document(let digest): return try await evidenceDocument(name, digest)
        case .tensorManifest: return try await tensorManifest(name)
        case .summary: return try await summary(name)
        }
    }

    private func post(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let address = try ModelAddress(request)
        guard address.part == .attestations else { throw Self.noSuchMethod(address.part) }
        let name = try await services.distribution.references.name(of: address.text)
        return try await attach(name, request, context)
    }

    private func put(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let address = try ModelAddress(request)
        guard address.part == .content else { throw Self.noSuchMethod(address.part) }
        return try await receive(try address.name, request, context)
    }

    private func delete(_ request: Request, _ context: RegistryRequestContext) async throws -> Response {
        let address = try ModelAddress(request)
        switch address.part {
        case .record:
            let name = try await services.distribution.references.ownName(of: address.text)
            return try await withdraw(.delete, name, request, context)
        case .content: return try await discardUpload(try address.name, request)
        case .events, .evidence, .document, .tensorManifest, .attestations, .summary:
            throw Self.noSuchMethod(address.part)
        }
    }

    static let subjectParameters: Set = ["name"]

    /// The artifact that the parameter `name` means: a name, `name:tag` or `repository@digest`.
    ///
    /// - Throws: `.missingField`, `.invalidName`, `.artifactNotFound`, `.manifestNotFound`.
    func subject(of request: Request) async throws(RegistryError) -> ArtifactName {
        try await services.distribution.references.name(of: try QueryReader(request).name())
    }

    private func answerRecord(_ name: ArtifactName, _ request: Request) async throws -> Response {
        let record = try await services.directory.record(named: name)
        var document = ArtifactDocument(record, services.paths)
        document.facts = await services.facts.facts(of: record).map { ModelFactsDocument($0) }
        if let claims = record.admittance?.claims {
            let bytes = try await services.history.document(of: name, claims.description)
            let object = (try? StrictJSON.parse(bytes, limits: .requestBody))?.asObject
            document.scanResults = object?["scan_results"]
            document.scannerVersions = object?["scanner_versions"]
        }
        var response = Response.document(document)
        response.headers[.eTag] = "\"\(record.headIndex)\""
        return response
    }

    private static func noSuchMethod(_ part: ModelAddress.Part) -> RegistryError {
        RegistryError(
            .methodNotAllowed, "This path does not have this method.", detail: ["allow": .string(part.allow)])
    }
}
