public import RegistryCore
public import RegistryWire
internal import StrictJSON
internal import Synchronization

/// What a sweep tells while it runs.
public enum SweepEvent: Sendable, Hashable {
    case progress(SweepProgress)
    /// One artifact is done.
    case row(VerificationDocument)
}

/// How far a sweep has come. Totals are 0 while they are not known.
public struct SweepProgress: Sendable, Hashable {
    public var checked: UInt64
    public var total: UInt64
    public var bytes: UInt64
    public var bytesTotal: UInt64

    public init(checked: UInt64, total: UInt64, bytes: UInt64, bytesTotal: UInt64) {
        self.checked = checked
        self.total = total
        self.bytes = bytes
        self.bytesTotal = bytesTotal
    }

    init(json: JSONValue) throws(FieldFault) {
        var fields = try FieldReader(json)
        checked = try fields.optionalUInt64("checked") ?? 0
        total = try fields.optionalUInt64("total") ?? 0
        bytes = try fields.optionalUInt64("bytes") ?? 0
        bytesTotal = try fields.optionalUInt64("bytes_total") ?? 0
    }
}

extension RegistryClient {
    /// Has an artifact's bytes hashed now. A mismatch is an answer, not a fault: `status` says `failed`.
    public func verify(_ name: ArtifactName) async throws(ClientFault) -> VerificationDocument {
        try await exchange(.work(.post, APIPath.verify, query: [("name", name.description)])).documentOrConflict()
    }

    /// Has the tensors of an artifact compared with its manifest. A mismatch is an answer, not a fault.
    public func verifyTensors(of name: ArtifactName) async throws(ClientFault) -> TensorCheckDocument {
        try await exchange(.work(.post, APIPath.verifyManifest, query: [("name", name.description)]))
            .documentOrConflict()
    }

    /// The last sweep; `unknown` before the first.
    public func integrityStatus() async throws(ClientFault) -> SweepDocument {
        try await exchange(APIRequest(.get, APIPath.integrityStatus)).documentOrConflict()
    }

    /// Has every artifact's bytes hashed now.
    ///
    /// - Parameter observe: called while it goes on, if the registry streams its progress.
    /// - Throws: `.interrupted` when the stream ends before the result: then nothing is known.
    public func verifyAll(
        _ observe: @Sendable @escaping (SweepEvent) -> Void = { _ in }
    ) async throws(ClientFault) -> SweepDocument {
        var request = APIRequest.work(.post, APIPath.verifyAll)
        request.accept = "text/event-stream, application/json;q=0.5"
        let reading = Mutex(SweepReading())
        let answer = try await stream(request) { piece in
            let events = try reading.withLock { try $0.receive(piece) }
            for event in events { observe(event) }
        }
        if let result = reading.withLock({ $0.result }) { return result }
        guard answer.body.isEmpty else { return try answer.documentOrConflict() }
        try answer.requireSuccess()
        throw .interrupted
    }
}

/// Turns the stream of a sweep into its events and its result.
struct SweepReading {
    private var parser = EventStreamParser()
    private(set) var result: SweepDocument?

    mutating func receive(_ piece: [UInt8]) throws -> [SweepEvent] {
        var events: [SweepEvent] = []
        for event in try parser.receive(piece) {
            if let observed = try interpret(event) { events.append(observed) }
        }
        return events
    }

    private mutating func interpret(_ event: StreamedEvent) throws -> SweepEvent? {
        switch event.name {
        case "progress": return .progress(try SweepProgress(json: try Self.json(event)))
        case "model": return .row(try VerificationDocument(json: try Self.json(event)))
        case "result":
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
