import HTTPTypes
import Hummingbird
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryWire
import RouteSupport
import StrictJSON

extension ModelRoutes {
    /// `GET /v1/models`: a page of artifacts in the order of their names. One whose record somebody edited is left out
    /// and named beside the list; sweeps report it.
    var models: Resource {
        Resource(
            RouterPath(APIPath.models),
            .get(.read) { request, _ in
                let showsFacts = try QueryReader(request).flag(Self.factsParameter)
                var query = try RecordQuery(request)
                if showsFacts { query.limit = min(query.limit, Self.factsMax) }
                let page = try await services.directory.page(query, remembering: showsFacts)
                var documents = page.records.map { ArtifactDocument($0, services.paths) }
                if showsFacts {
                    for (place, record) in page.records.enumerated() {
                        documents[place].facts = await services.facts.facts(of: record).map { ModelFactsDocument($0) }
                    }
                }
                var response = Response.json(.array(documents.map(\.json)))
                if let name = HTTPField.Name(APIField.omitted), !page.tampered.isEmpty {
                    response.headers[name] = Self.omitted(page.tampered)
                }
                if let last = page.next?.after {
                    let facts = showsFacts ? "&\(Self.factsParameter)=true" : ""
                    response.headers[.nextPage] = "<\(query.nextPage(after: last))\(facts)>; rel=\"next\""
                }
                return response
            })
    }

    private static let factsParameter = "facts"
    /// Most artifacts of a page with facts: each takes reading two documents where they are not in memory.
    private static let factsMax = 100

    /// Names in the field.
    private static let omittedNamesMax = 8

    /// How many, and which: an integer with a parameter (RFC 9651). Names hold neither spaces nor quotation marks.
    private static func omitted(_ names: [ArtifactName]) -> String {
        let named = names.prefix(omittedNamesMax).map(\.description).joined(separator: " ")
        return "\(names.count); names=\"\(named)\""
    }
}

extension RecordQuery {
    fileprivate init(_ request: Request) throws(RegistryError) {
        let query = QueryReader(request)
        var state: ArtifactState?
        if let text = try query.text("state") {
            state = ArtifactState(rawValue: text)
            guard state != nil else {
                throw RegistryError(.invalidField, "There is no state \(text.prefix(32)).", detail: ["field": "state"])
            }
        }
        var after: ArtifactName?
        if let text = try query.text("after") { after = try ArtifactName(checked: text) }
        self.init(
            state: state, format: try query.text("format"), source: try query.text("source"),
            nameContains: try query.text("q"), after: after,
            limit: Int(try query.number("limit", in: 1...UInt64(Self.limitMax), default: UInt64(Self.limitMax))))
    }

    fileprivate func nextPage(after name: ArtifactName) -> String {
        var parameters = ["after=\(name)", "limit=\(limit)"]
        if let state { parameters.append("state=\(state.rawValue)") }
        if let format { parameters.append("format=\(format.percentEncoded)") }
        if let source { parameters.append("source=\(source.percentEncoded)") }
        if let nameContains { parameters.append("q=\(nameContains.percentEncoded)") }
        return APIPath.models + "?" + parameters.joined(separator: "&")
    }
}
