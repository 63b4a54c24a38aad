public import Hummingbird
import Logging
import NIOCore
public import RegistryCore
public import RegistryServices

/// What belongs to one request.
public struct RegistryRequestContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Named in answers, logs and events.
    public var requestID: String
    /// The address that the connection comes from, without its port.
    public let source: String?
    /// The connection, for answers that are files.
    let channel: any Channel
    /// Who asks; set by `Resource` before a handler runs.
    public var actor: Actor?

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = RequestID().description
        self.source = source.channel.remoteAddress?.ipAddress
        channel = source.channel
    }

    /// - Throws: `.internalError` outside of a `Resource`: nothing may be done in nobody's name.
    public var caller: Caller {
        get throws(RegistryError) {
            guard let actor else { throw RegistryError(.internalError, "Nobody was found to be asking.") }
            return Caller(actor: actor, requestID: requestID)
        }
    }
}
