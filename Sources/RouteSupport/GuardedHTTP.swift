public import HummingbirdCore
public import Logging
public import NIOCore
import NIOHTTP1

/// HTTP/1.1 connections, each with a guard next to its socket, and with a way for files to reach it unread.
public struct GuardedHTTP: ServerChildChannel {
    private let http: HTTP1Channel
    private let table: ConnectionTable
    private let limits: ConnectionGuard.Limits

    /// `TCP_NOTSENT_LOWAT` (tcp(7)), and how many bytes the kernel holds for a client beyond those on their way.
    ///
    /// Without it the kernel takes megabytes for a client that reads nothing, and says nothing for as long as a third
    /// of them is not gone: a client that reads slowly would look like one that does not.
    private static let unsentLowWater = NIOBSDSocket.Option(rawValue: 25)
    private static let unsentBytesMax: SocketOptionValue = 64 << 10

    public init(_ http: HTTP1Channel, table: ConnectionTable, limits: ConnectionGuard.Limits) {
        self.http = http
        self.table = table
        self.limits = limits
    }

    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        http.setup(channel: channel, logger: logger).flatMapThrowing { value in
            try channel.syncOptions?.setOption(.tcpOption(Self.unsentLowWater), value: Self.unsentBytesMax)
            let connection = ConnectionGuard(table: table, limits: limits)
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let watch = RequestWatch(connection)
            try pipeline.addHandler(watch, position: .after(decoder))
            try pipeline.addHandler(FileSendHandler(), position: .after(watch))
            try pipeline.addHandler(connection, position: .first)
            return value
        }
    }

    public func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await http.handle(value: value, logger: logger)
    }
}
