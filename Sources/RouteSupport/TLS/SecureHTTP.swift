public import HummingbirdCore
public import Logging
public import NIOCore
import NIOHTTP2
import NIOSSL
import NIOTLS

/// Connections under TLS, which carry HTTP/2 or HTTP/1.1 as the client likes (RFC 7301), each with a guard next to its
/// socket.
public struct SecureHTTP: ServerChildChannel {
    public struct Value: ServerChildChannelValue {
        let version: EventLoopFuture<NIONegotiatedHTTPVersion<HTTP1Channel.Value, HTTP2Connection.Value>>
        public let channel: any Channel
    }

    private let guarded: GuardedHTTP
    private let http2: HTTP2Connection
    private let identities: IdentityBook

    /// - Parameters:
    ///   - http: both versions have its limits of header fields.
    ///   - limits: for a connection, and for each of the requests that it carries at a time.
    public init(
        _ http: HTTP1Channel, identities: IdentityBook, table: ConnectionTable, limits: ConnectionGuard.Limits
    ) {
        guarded = GuardedHTTP(http, table: table, limits: limits)
        http2 = HTTP2Connection(http, limits: limits)
        self.identities = identities
    }

    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        channel.eventLoop.makeCompletedFuture {
            let connection = try guarded.addGuard(to: channel, isEncrypted: true)
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandler(PlainRequestRefusal())
            try pipeline.addHandler(NIOSSLServerHandler(context: identities.context))
            let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
            let negotiation = NIOTypedApplicationProtocolNegotiationHandler { result in
                negotiated(result, channel, bound.value, logger)
            }
            try pipeline.addHandler(negotiation)
            return Value(version: negotiation.protocolNegotiationResult, channel: channel)
        }
    }

    private func negotiated(
        _ result: ALPNResult, _ channel: any Channel, _ connection: ConnectionGuard, _ logger: Logger
    ) -> EventLoopFuture<NIONegotiatedHTTPVersion<HTTP1Channel.Value, HTTP2Connection.Value>> {
        channel.eventLoop.makeCompletedFuture {
            if result == .negotiated(ServerIdentity.http2) {
                connection.handshakeEnded(with: .streams)
                return .http2(try http2.setUp(channel, connection, logger))
            }
            connection.handshakeEnded(with: .encryptedRequests)
            return .http1_1(try guarded.addSecureHTTP(to: channel, connection, logger))
        }
    }

    public func handle(value: Value, logger: Logger) async {
        // Whoever fails at the handshake has been closed already.
        guard let version = try? await value.version.get() else { return }
        await withTaskExecutorPreference(LoopExecutor(of: value.channel)) {
            switch version {
            case .http1_1(let connection): await guarded.answer(connection, logger)
            case .http2(let connection): await http2.handle(connection, logger: logger)
            }
        }
    }
}
