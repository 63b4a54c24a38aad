public import Hummingbird

/// Decides in which task and on which thread a request is answered.
///
/// What clients of a registry ask for is answered on the event loop of the connection. What the model API answers may
/// take milliseconds to be put into words, and other connections of the loop would wait for that.
///
/// A task keeps what its deepest call took until it ends, and the task of a connection ends with the connection. While
/// there are few that memory is used again by its next request; ten thousand that wait would hold too much, so with
/// many connections each request has a task of its own, whose memory goes with the answer.
public struct RequestTasks<Responder: HTTPResponder<RegistryRequestContext>>: HTTPResponder {
    public typealias Context = RegistryRequestContext

    /// They keep about 10 KiB each.
    private static var fewConnections: Int { 128 }

    private let responder: Responder
    private let connections: ConnectionTable

    public init(_ responder: Responder, _ connections: ConnectionTable) {
        self.responder = responder
        self.connections = connections
    }

    public func respond(to request: Request, context: Context) async throws -> Response {
        let staysOnLoop = DistributionDoor.has(request)
        if connections.count > Self.fewConnections {
            let task = ownTask(request, context, onLoop: staysOnLoop)
            return try await withTaskCancellationHandler {
                try await task.value
            } onCancel: {
                task.cancel()
            }
        }
        if staysOnLoop { return try await responder.respond(to: request, context: context) }
        return try await withTaskExecutorPreference(globalConcurrentExecutor) { [responder] in
            try await responder.respond(to: request, context: context)
        }
    }

    /// The task that answers a request. It is made outside of `async` code, so that the connection's own task, which
    /// waits for it and keeps what it ever took, holds as little as that needs.
    private func ownTask(_ request: Request, _ context: Context, onLoop: Bool) -> Task<Response, any Error> {
        let work = { @Sendable [responder] () async throws -> Response in
            try await responder.respond(to: request, context: context)
        }
        if onLoop { return Task.immediate(executorPreference: LoopExecutor(of: context.channel), operation: work) }
        return Task(executorPreference: globalConcurrentExecutor, operation: work)
    }
}
