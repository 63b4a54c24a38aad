internal import NIOHTTP1
internal import RegistryCore
internal import RegistryWire
internal import StrictJSON

/// One answer, completely received.
struct APIAnswer: Sendable {
    let status: Int
    let body: [UInt8]
    private let headers: HTTPHeaders

    init(status: Int, headers: HTTPHeaders, body: [UInt8]) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    /// The first field of that name.
    func field(_ name: String) -> String? {
        headers.first(name: name)
    }

    /// Whether the answer was a stream of events.
    var isStreamed: Bool { status == 200 && field("content-type")?.hasPrefix("text/event-stream") == true }

    /// The answer that a stream of events ended in.
    func ending(in last: AnswerDocument) -> APIAnswer {
        APIAnswer(status: last.status, headers: headers, body: last.document.encoded())
    }

    var isSuccess: Bool { (200..<300).contains(status) }

    /// The body as the document that a success promises; every other status is a fault.
    func document<Document: WireDocument>(_ type: Document.Type = Document.self) throws(ClientFault) -> Document {
        try requireSuccess()
        return try decoded(try json())
    }

    /// The body as an array of documents, under the same rule.
    func documents<Document: WireDocument>(_ type: Document.Type = Document.self) throws(ClientFault) -> [Document] {
        try requireSuccess()
        guard let rows = try json().asArray else { throw .malformedAnswer(problem: "an array was expected") }
        var documents: [Document] = []
        documents.reserveCapacity(rows.count)
        for row in rows { documents.append(try decoded(row)) }
        return documents
    }

    /// Throws what a status other than 2xx means.
    func requireSuccess() throws(ClientFault) {
        guard !isSuccess else { return }
        throw refusal()
    }

    /// The document of an answer whose 409 means *checked and bad* and carries the same document as a success.
    func documentOrConflict<Document: WireDocument>(
        _ type: Document.Type = Document.self
    ) throws(ClientFault) -> Document {
        guard status == 409, let value = try? json(), value.asObject?["error"] == nil else { return try document() }
        return try decoded(value)
    }

    func json() throws(ClientFault) -> JSONValue {
        do {
            return try StrictJSON.parse(body, limits: Self.limits)
        } catch {
            throw .malformedAnswer(problem: error.description)
        }
    }

    private func decoded<Document: WireDocument>(_ value: JSONValue) throws(ClientFault) -> Document {
        do {
            return try Document(json: value)
        } catch {
            throw .malformedAnswer(problem: error.description)
        }
    }

    private func refusal() -> ClientFault {
        guard let value = try? json(), let document = try? ErrorDocument(json: value) else {
            return .foreignAnswer(status: status)
        }
        return .refused(
            ClientFault.Refusal(
                status: status, code: ErrorCode(rawValue: document.code), document: document,
                retryAfter: field("retry-after").flatMap { UInt64($0) }, requestID: field(APIField.requestID)))
    }

    static let limits = JSONLimits(bytesMax: 64 << 20, nodesMax: 4 << 20, stringBytesMax: 16 << 20)
}

extension WireDocument {
    /// The document, if it is about the artifact that was asked for. What is said of another one, by a cache between us
    /// or a registry that is confused, is no answer.
    func about(_ name: ArtifactName, _ stated: String) throws(ClientFault) -> Self {
        try about(name.description, stated)
    }

    func about(_ name: String, _ stated: String) throws(ClientFault) -> Self {
        guard stated == name else { throw .malformedAnswer(problem: "it is about another artifact") }
        return self
    }
}
