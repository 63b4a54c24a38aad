public import Hummingbird

/// Answers each request in a task of its own, whose memory goes with the answer.
///
/// A task keeps what its deepest call took until it ends, and the task of a connection ends with the connection: ten
/// thousand that wait for their next request would hold what their last one needed.
public struct RequestTasks<Responder: HTTPResponder>: HTTPResponder where Responder.Context: Sendable {
    public typealias Context = Responder.Context

    private let responder: Responder

    public init(_ responder: Responder) {
        self.responder = responder
    }

    public func respond(to request: Request, context: Context) async throws -> Response {
        let responder = responder
        let task = Task.immediate { try await responder.respond(to: request, context: context) }
        return try await withTaskCancellationHandler {
            try await task.value
        } onCancel: {
            task.cancel()
        }
    }
}
