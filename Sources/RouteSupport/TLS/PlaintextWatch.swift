import NIOCore

/// Tells the connection's guard when the first bytes of a request come out of their encryption.
///
/// Under TLS not every byte that arrives belongs to a request.
final class PlaintextWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let connection: ConnectionGuard

    init(_ connection: ConnectionGuard) {
        self.connection = connection
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        connection.requestBytesArrived()
        context.fireChannelRead(data)
    }
}
