public import RegistryCore
public import RegistryWire
internal import StrictJSON
internal import Synchronization

extension RegistryClient {
    /// Has an artifact's bytes hashed now. A mismatch is an answer, not a fault: `status` says `failed`.
    public func verify(
        _ name: ArtifactName, observe: @escaping WorkObserver = { _ in }
    ) async throws(ClientFault) -> VerificationDocument {
        let document: VerificationDocument =
            try await exchange(.work(.post, APIPath.verify, query: [("name", name.description)]), observe)
            .documentOrConflict()
        return try document.about(name, document.name)
    }

    /// Has the tensors of an artifact compared with its manifest. A mismatch is an answer, not a fault.
    public func verifyTensors(of name: ArtifactName) async throws(ClientFault) -> TensorCheckDocument {
        let document: TensorCheckDocument =
            try await exchange(.work(.post, APIPath.verifyManifest, query: [("name", name.description)]))
            .documentOrConflict()
        return try document.about(name, document.name)
    }

    /// The last sweep; `unknown` before the first.
    public func integrityStatus() async throws(ClientFault) -> SweepDocument {
        try await exchange(APIRequest(.get, APIPath.integrityStatus)).documentOrConflict()
    }

    /// Has the tensors of every artifact compared with their manifests.
    public func verifyAllTensors() async throws(ClientFault) -> TensorSweepDocument {
        try await exchange(.work(.post, APIPath.verifyManifest)).documentOrConflict()
    }

    /// Has every artifact's bytes hashed now.
    ///
    /// - Parameter observe: called with each artifact that is done, as the registry streams them. Rows may be left out
    ///   here when they come too fast; the result has those that are not verified, as many as it holds.
    /// - Throws: `.interrupted` when the stream ends before the result: then nothing is known.
    public func verifyAll(
        _ observe: @Sendable @escaping (VerificationDocument) -> Void = { _ in }
    ) async throws(ClientFault) -> SweepDocument {
        var request = APIRequest.work(.post, APIPath.verifyAll)
        request.accept = "text/event-stream, application/json;q=0.5"
        let reading = Mutex(SweepReading())
        let answer = try await stream(request) { piece in
            let rows = try reading.withLock { try $0.receive(piece) }
            for row in rows { observe(row) }
        }
        if let result = reading.withLock({ $0.result }) { return result }
        guard answer.body.isEmpty else { return try answer.documentOrConflict() }
        try answer.requireSuccess()
        throw .interrupted
    }
}

/// Turns the stream of a sweep into its rows and its result.
struct SweepReading {
    private var parser = EventStreamParser()
    private(set) var result: SweepDocument?

    mutating func receive(_ piece: [UInt8]) throws -> [VerificationDocument] {
        var rows: [VerificationDocument] = []
        for event in try parser.receive(piece) {
            if let row = try interpret(event) { rows.append(row) }
        }
        return rows
    }

    private mutating func interpret(_ event: StreamedEvent) throws -> VerificationDocument? {
        switch event.name {
        case "model": return try VerificationDocument(json: try Self.json(event))
        case "done":
            result = try SweepDocument(json: try Self.json(event))
            return nil
        case "error":
            let document = try ErrorDocument(json: try Self.json(event))
            let code = ErrorCode(rawValue: document.code)
            throw ClientFault.refused(
                ClientFault.Refusal(status: code?.httpStatus ?? 500, code: code, document: document))
        default: return nil  // Kinds that a newer registry adds.
        }
    }

    private static func json(_ event: StreamedEvent) throws -> JSONValue {
        let limits = JSONLimits(
            bytesMax: EventStreamParser.bytesMaxDefault, nodesMax: 4 << 20, stringBytesMax: 1 << 20)
        return try StrictJSON.parse(event.data, limits: limits)
    }
}
