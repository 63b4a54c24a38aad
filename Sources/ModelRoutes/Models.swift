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
                let query = try RecordQuery(request)
                let page = try await services.directory.page(query)
                var response = Response.json(
                    .array(page.records.map { ArtifactDocument($0, services.paths).json }))
                if let name = HTTPField.Name(APIField.omitted), !page.tampered.isEmpty {
                    response.headers[name] = Self.omitted(page.tampered)
                }
                if let last = page.next?.after {
                    response.headers[.nextPage] = "<\(query.nextPage(after: last))>; rel=\"next\""
                }
                return response
            })
    }

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
