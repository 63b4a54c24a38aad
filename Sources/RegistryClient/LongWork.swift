public import RegistryWire
internal import StrictJSON
internal import Synchronization

/// Hears how far the registry is with what was asked for. Called from any thread, a few times a second.
public typealias WorkObserver = @Sendable (ProgressDocument) -> Void

extension RegistryClient {
    /// Sends a request whose answer may take long, and gives what the registry tells meanwhile to `observe`.
    ///
    /// - Returns: the answer that the plain request would have. A registry that does not stream gives just that.
    /// - Throws: `.interrupted` when the stream ends before the answer: then nothing is known.
    func exchange(_ request: APIRequest, _ observe: @escaping WorkObserver) async throws(ClientFault) -> APIAnswer {
        var request = request
        request.accept = "text/event-stream, application/json;q=0.5"
        let reading = Mutex(WorkReading())
        let answer = try await stream(request) { piece in
            for report in try reading.withLock({ try $0.receive(piece) }) { observe(report) }
        }
        guard answer.isStreamed else { return answer }
        guard let last = reading.withLock({ $0.answer }) else { throw .interrupted }
        return answer.ending(in: last)
    }
}

/// Turns the stream of a long operation into reports and an answer.
struct WorkReading {
    private var parser = EventStreamParser()
    private(set) var answer: AnswerDocument?

    mutating func receive(_ piece: [UInt8]) throws -> [ProgressDocument] {
        do {
            var reports: [ProgressDocument] = []
            for event in try parser.receive(piece) {
                switch event.name {
                case "progress": reports.append(try ProgressDocument(json: try Self.json(event)))
                case "answer": answer = try AnswerDocument(json: try Self.json(event))
                default: continue  // Kinds that a newer registry adds.
                }
            }
            return reports
        } catch {
            throw ClientFault.malformedAnswer(problem: "\(error)")
        }
    }

    private static func json(_ event: StreamedEvent) throws -> JSONValue {
        try StrictJSON.parse(event.data, limits: APIAnswer.limits)
    }
}
