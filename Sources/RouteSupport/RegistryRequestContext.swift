public import Hummingbird
import Logging
import NIOCore
public import OCI
public import RegistryCore
public import RegistryServices

/// What belongs to one request.
public struct RegistryRequestContext: RequestContext, Sendable {
    public var coreContext: CoreRequestContextStorage
    /// Named in answers, logs and events.
    public var requestID: String
    /// The address that the connection comes from, without its port.
    public var source: String? { channel.remoteAddress?.ipAddress }
    /// The connection, for answers that are files.
    let channel: any Channel
    /// The address of ours that the connection came to, without its port.
    package var localAddress: String? { channel.localAddress?.ipAddress }
    /// Who asks; set by `Resource` before a handler runs.
    public var principal = Principal.nobody

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        requestID = RequestID().description
        channel = source.channel
    }

    /// - Throws: `.internalError` outside of a `Resource`: nothing may be done in nobody's name.
    public var caller: Caller {
        get throws(RegistryError) {
            guard let actor = principal.actor else {
                throw RegistryError(.internalError, "Nobody was found to be asking.")
            }
            return Caller(actor: actor, requestID: requestID)
        }
    }

    /// Whether who asks may do this.
    public func may(_ right: AccessRight, on repository: RepositoryName) -> Bool {
        principal.may(right, on: repository)
    }

    /// - Throws: `.unauthorized` and `.insufficientScope`, which a better credential or token would help against, and
    ///   `.accessDenied`, which it would not. Whether the repository exists does not matter.
    public func require(_ right: AccessRight, on repository: RepositoryName) throws(RegistryError) {
        guard !principal.may(right, on: repository) else { return }
        let what = "\(right.rawValue) on \(repository)"
        if principal.holds(right, on: repository) {
            throw RegistryError(.insufficientScope, "The token is not for \(what).")
        }
        guard let actor = principal.actor else {
            throw RegistryError(.unauthorized, "This takes a credential with the right of \(what).")
        }
        throw RegistryError(.accessDenied, "\(actor) has no right of \(what).")
    }

    /// Whether who asks may ask which repositories there are.
    ///
    /// - Throws: as `require`.
    public func requireList() throws(RegistryError) {
        guard principal.holdsAny else {
            throw RegistryError(.unauthorized, "Lists of repositories take a credential.")
        }
        guard principal.mayListRepositories else {
            throw RegistryError(.insufficientScope, "The token is not for lists of repositories.")
        }
    }
}
