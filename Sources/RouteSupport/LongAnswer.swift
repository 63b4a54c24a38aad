import HTTPTypes
public import Hummingbird
public import NIOCore
import RegistryCore
public import RegistryServices
import RegistryWire
public import StrictJSON

/// The answer of an operation that may read every byte of an artifact.
///
/// A client that accepts `text/event-stream` gets server-sent events (WHATWG HTML, *9.2*): `progress` a few times a
/// second while something moves, a comment now and then while nothing does, and at the end `answer` with the status and
/// the document that the plain answer has. The work goes on when the client goes away.
public enum LongAnswer {
    /// Between two looks at how far the work is.
    private static let pause = Duration.milliseconds(100)
    /// Looks without news after which a comment keeps the connection alive.
    private static let quietLooksMax = 100

    public typealias Work = @Sendable (WorkProgress) async throws -> JSONAnswer

    public static func isWanted(_ request: Request) -> Bool {
        request.headers[.accept]?.contains(mediaType) == true
    }

    public static func isStream(_ response: Response) -> Bool {
        response.headers[.contentType] == mediaType
    }

    /// The head of a stream of events. Who writes the body writes the `RequestLine` when it ends.
    public static func stream(_ body: ResponseBody) -> Response {
        Response(status: .ok, headers: [.contentType: mediaType, .cacheControl: "no-store"], body: body)
    }

    private static let mediaType = "text/event-stream"

    public static func make(
        _ request: Request, _ context: RegistryRequestContext, _ work: @escaping Work
    ) async throws -> Response {
        guard isWanted(request) else { return try await work(WorkProgress()).response }
        let line = RequestLine(request)
        return stream(
            ResponseBody { writer in
                let events = begin(line, context, work)
                do {
                    for await event in events { try await writer.write(event) }
                } catch {
                    // The client is gone. What it asked for is done nevertheless.
                    return
                }
                try await writer.finish(nil)
            })
    }

    public static func event(_ name: String, _ data: JSONValue) -> ByteBuffer {
        ByteBuffer(bytes: Array("event: \(name)\ndata: ".utf8) + data.encoded() + Array("\n\n".utf8))
    }

    /// Starts the work in a task of its own, and another one that looks at it.
    private static func begin(
        _ line: RequestLine, _ context: RegistryRequestContext, _ work: @escaping Work
    ) -> AsyncStream<ByteBuffer> {
        let progress = WorkProgress()
        // One event that nobody read yet is as good as several: the newest says it all.
        let (events, continuation) = AsyncStream.makeStream(of: ByteBuffer.self, bufferingPolicy: .bufferingNewest(1))
        let watch = Task {
            await look(at: progress) { continuation.yield($0) }
        }
        Task {
            let answer: JSONAnswer
            do { answer = try await work(progress) } catch { answer = JSONAnswer(ErrorAnswers.said(error, context)) }
            line.write(status: answer.status.code, context)
            watch.cancel()
            await watch.value
            continuation.yield(
                event("answer", AnswerDocument(status: answer.status.code, document: answer.body).json))
            continuation.finish()
        }
        return events
    }

    private static func look(at progress: WorkProgress, _ send: (ByteBuffer) -> Void) async {
        var shown: WorkProgress.Moment?
        var quiet = 0
        while !Task.isCancelled {
            let now = progress.now
            if now != shown {
                send(event("progress", ProgressDocument(now).json))
                shown = now
                quiet = 0
            } else if quiet >= quietLooksMax {
                send(ByteBuffer(string: ": \n\n"))
                quiet = 0
            }
            quiet += 1
            guard (try? await Task.sleep(for: pause)) != nil else { return }
        }
    }
}

extension ProgressDocument {
    fileprivate init(_ moment: WorkProgress.Moment) {
        self.init(
            phase: moment.phase.rawValue, file: moment.file, bytesDone: moment.bytesDone,
            bytesTotal: moment.bytesTotal)
    }
}
