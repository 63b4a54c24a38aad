import NIOCore

/// Tells whoever speaks plain HTTP to a port of TLS what is wrong. Stands before the handshake and leaves with it.
final class PlainRequestRefusal: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// RFC 8446 §5.1: what a connection begins with.
    private static let handshakeRecord: UInt8 = 22
    private static let sentence = "This port speaks HTTPS.\n"

    private var isRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        let buffer = unwrapInboundIn(data)
        guard let first = buffer.readableBytesView.first else { return }
        // Neither a record nor a method: let TLS say what it thinks of it.
        let isLetter = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(first)
        guard first != Self.handshakeRecord, isLetter else {
            context.fireChannelRead(data)
            return context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
        isRefused = true
        let head = [
            "HTTP/1.1 400 Bad Request", "Content-Type: text/plain; charset=utf-8",
            "Content-Length: \(Self.sentence.utf8.count)", "Connection: close",
        ]
        let answer = ByteBuffer(string: head.map { $0 + "\r\n" }.joined() + "\r\n" + Self.sentence)
        // What the client still sends is dropped until it closes too: a reset would take the answer away from it.
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(answer)).whenComplete { _ in
            loopBound.value.close(mode: .output, promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        guard isRefused, event as? ChannelEvent == .inputClosed else {
            return context.fireUserInboundEventTriggered(event)
        }
        context.close(promise: nil)
    }
}
