public import RegistryCore
public import RegistryWire
public import StrictJSON

/// Which artifacts to list, and how many at a time.
public struct ArtifactQuery: Sendable, Hashable {
    public var state: String?
    public var format: String?
    public var source: String?
    /// Part of a name.
    public var text: String?
    /// 1 to 1,000, and to 100 with facts; the registry's own choice if `nil`.
    public var limit: Int?
    /// Whether each artifact comes with what its files say of it.
    public var showsFacts: Bool

    public init(
        state: String? = nil, format: String? = nil, source: String? = nil, text: String? = nil, limit: Int? = nil,
        showsFacts: Bool = false
    ) {
        self.state = state
        self.format = format
        self.source = source
        self.text = text
        self.limit = limit
        self.showsFacts = showsFacts
    }
}

/// One page of a list. The next one starts behind `next`.
public struct Page<Row: Sendable>: Sendable {
    public var rows: [Row]
    /// Opaque; `nil` on the last page.
    public var next: PageToken?
    /// What the registry says of rows that it left out, because somebody edited them.
    public var omitted: String?
}

extension RegistryClient {
    /// Health, also when the registry says of itself that it is degraded (503).
    public func health() async throws(ClientFault) -> HealthDocument {
        let answer = try await exchange(APIRequest(.get, APIPath.health))
        if answer.status == 503, let value = try? answer.json(), let document = try? HealthDocument(json: value) {
            return document
        }
        return try answer.document()
    }

    /// One page of artifacts, in the order of their names.
    public func artifacts(
        _ query: ArtifactQuery = ArtifactQuery(), after token: PageToken? = nil
    ) async throws(ClientFault) -> Page<ArtifactDocument> {
        let request = APIRequest(
            .get, APIPath.models,
            query: [
                ("state", query.state), ("format", query.format), ("source", query.source), ("q", query.text),
                ("limit", query.limit.map { String($0) }), ("after", token?.after),
                ("facts", query.showsFacts ? "true" : nil),
            ])
        return try await page(request)
    }

    /// The name of the artifact that `name:tag` or `repository@digest` means now.
    public func name(of reference: String) async throws(ClientFault) -> ArtifactName {
        let document: ArtifactDocument =
            try await exchange(APIRequest(.get, APIPath.model, query: [("name", reference)])).document()
        guard let name = try? ArtifactName(parsing: document.name) else {
            throw .malformedAnswer(problem: "it names no artifact")
        }
        return name
    }

    public func artifact(_ name: ArtifactName) async throws(ClientFault) -> ArtifactDocument {
        let document: ArtifactDocument =
            try await exchange(APIRequest(.get, APIPath.model, query: [("name", name.description)])).document()
        return try document.about(name, document.name)
    }

    /// Where a runtime finds the artifact; refused unless it is trusted now.
    public func path(of name: ArtifactName) async throws(ClientFault) -> PathDocument {
        try await exchange(.work(.get, APIPath.modelPath, query: [("name", name.description)])).document()
    }

    /// Up to `limit` events of an artifact, oldest first, that stand in the log at `index` or behind it.
    public func events(
        of name: ArtifactName, from index: UInt64 = 0, limit: Int = eventsMax
    ) async throws(ClientFault) -> [EventDocument] {
        try await events(APIPath.events(of: name.description), index, limit)
    }

    /// Up to `limit` events of the registry, oldest first, that stand in the log at `index` or behind it.
    public func audit(from index: UInt64 = 0, limit: Int = eventsMax) async throws(ClientFault) -> [EventDocument] {
        try await events(APIPath.audit, index, limit)
    }

    /// Most events that one answer holds.
    public static let eventsMax = 1_000

    private func events(
        _ path: String, _ index: UInt64, _ limit: Int
    ) async throws(ClientFault) -> [EventDocument] {
        let query: [(String, String?)] = [("from", String(index)), ("limit", String(limit))]
        return try await exchange(APIRequest(.get, path, query: query)).documents()
    }

    public func evidence(of name: ArtifactName) async throws(ClientFault) -> [EvidenceDocument] {
        try await exchange(APIRequest(.get, APIPath.evidence(of: name.description))).documents()
    }

    /// A document of evidence, byte for byte as it was stored.
    public func evidence(of name: ArtifactName, digest: String) async throws(ClientFault) -> [UInt8] {
        let answer = try await exchange(APIRequest(.get, APIPath.evidence(of: name.description, digest: digest)))
        try answer.requireSuccess()
        return answer.body
    }

    /// The summary that the registry signs of the admission by which an artifact is trusted, not verified.
    public func summary(of name: ArtifactName) async throws(ClientFault) -> [UInt8] {
        var request = APIRequest(.get, APIPath.summary(of: name.description))
        request.accept = "*/*"
        request.answerBytesMax = VerifiedSummary.bytesMax
        let answer = try await exchange(request)
        try answer.requireSuccess()
        return answer.body
    }

    /// The policy in force.
    public func policy() async throws(ClientFault) -> PolicyDocument {
        try await exchange(APIRequest(.get, APIPath.policy)).document()
    }

    /// Counts of the registry, as it states them.
    public func statistics() async throws(ClientFault) -> JSONValue {
        let answer = try await exchange(APIRequest(.get, APIPath.stats))
        try answer.requireSuccess()
        return try answer.json()
    }

    func page<Row: WireDocument>(_ request: APIRequest) async throws(ClientFault) -> Page<Row> {
        let answer = try await exchange(request)
        return Page(
            rows: try answer.documents(), next: PageToken(link: answer.field("link")),
            omitted: answer.field(APIField.omitted))
    }
}
