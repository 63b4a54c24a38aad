package import NIOSSL
import Synchronization

/// The identity that the server shows. Another one is shown from the next connection on; open ones go on.
public final class IdentityBook: Sendable {
    private let current: Mutex<ServerIdentity>

    public init(_ identity: ServerIdentity) {
        current = Mutex(identity)
    }

    public func replace(with identity: ServerIdentity) {
        current.withLock { $0 = identity }
    }

    package var context: NIOSSLContext { current.withLock { $0.context } }
}
