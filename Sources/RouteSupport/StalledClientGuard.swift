public import NIOCore

/// Closes a connection whose client takes nothing for too long while an answer waits to be sent.
///
/// An answer is written as fast as its client reads; a client that stops holds its own answer in memory and nothing
/// else. This bounds for how long.
public final class StalledClientGuard: ChannelDuplexHandler, RemovableChannelHandler {
    public typealias InboundIn = Any
    public typealias OutboundIn = Any

    private let limit: TimeAmount
    private var deadline: Scheduled<Void>?

    public init(limit: TimeAmount) {
        self.limit = limit
    }

    public func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            deadline?.cancel()
            deadline = nil
        } else if deadline == nil {
            let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
            deadline = context.eventLoop.scheduleTask(in: limit) { loopBound.value.close(promise: nil) }
        }
        context.fireChannelWritabilityChanged()
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        deadline?.cancel()
        deadline = nil
    }
}
