public import RegistryCore

/// On whose behalf something is done, and in which request.
public struct Caller: Sendable, Hashable {
    public var actor: Actor
    public var requestID: String?

    public init(actor: Actor, requestID: String? = nil) {
        self.actor = actor
        self.requestID = requestID
    }

    public static func registry(_ task: Actor.Task) -> Caller {
        Caller(actor: .registry(task))
    }
}
