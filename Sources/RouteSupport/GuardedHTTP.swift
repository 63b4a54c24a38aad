public import HummingbirdCore
public import Logging
public import NIOCore
import NIOHTTP1

/// HTTP/1.1 connections, each with a guard next to its socket, and with a way for files to reach it unread.
public struct GuardedHTTP: ServerChildChannel {
    /// What is read of a file at a time, to be encrypted.
    static let pieceBytes = 256 << 10

    private let http: HTTP1Channel
    private let table: ConnectionTable
    private let limits: ConnectionGuard.Limits

    /// `TCP_NOTSENT_LOWAT` (tcp(7)), and how many bytes the kernel holds for a client beyond those on their way.
    ///
    /// Without it the kernel takes megabytes for a client that reads nothing, and says nothing for as long as a third
    /// of them is not gone: a client that reads slowly would look like one that does not.
    private static let unsentLowWater = NIOBSDSocket.Option(rawValue: 25)
    private static let unsentBytesMax: SocketOptionValue = 64 << 10

    /// How much is read of a socket at a time: four times NIO's own maximum, where a client is fast enough to fill
    /// that. It takes a tenth of the processor time off large uploads.
    private static let receiving = AdaptiveRecvByteBufferAllocator(minimum: 64, initial: 2_048, maximum: 256 << 10)

    public init(_ http: HTTP1Channel, table: ConnectionTable, limits: ConnectionGuard.Limits) {
        self.http = http
        self.table = table
        self.limits = limits
    }

    public func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<HTTP1Channel.Value> {
        channel.eventLoop.makeCompletedFuture {
            let connection = try addGuard(to: channel, isEncrypted: false)
            let value = try Self.value(of: http.setup(channel: channel, logger: logger))
            let watch = try addWatch(to: channel, connection)
            try channel.pipeline.syncOperations.addHandler(FileSendHandler(), position: .after(watch))
            return value
        }
    }

    /// The guard comes first, next to the socket.
    func addGuard(to channel: any Channel, isEncrypted: Bool) throws -> ConnectionGuard {
        try channel.syncOptions?.setOption(.tcpOption(Self.unsentLowWater), value: Self.unsentBytesMax)
        try channel.syncOptions?.setOption(.recvAllocator, value: Self.receiving)
        let connection = ConnectionGuard(table: table, limits: limits, isEncrypted: isEncrypted)
        try channel.pipeline.syncOperations.addHandler(connection, position: .first)
        return connection
    }

    /// The same above TLS, where files are read.
    func addSecureHTTP(
        to channel: any Channel, _ connection: ConnectionGuard, _ logger: Logger
    ) throws -> HTTP1Channel.Value {
        try channel.pipeline.syncOperations.addHandler(PlaintextWatch(connection))
        var configuration = http.configuration
        configuration.additionalChannelHandlers = { [FileReadHandler(pieceBytes: Self.pieceBytes)] }
        let http = HTTP1Channel(responder: http.responder, configuration: configuration)
        let value = try Self.value(of: http.setup(channel: channel, logger: logger))
        _ = try addWatch(to: channel, connection)
        return value
    }

    private func addWatch(to channel: any Channel, _ connection: ConnectionGuard) throws -> RequestWatch {
        let pipeline = channel.pipeline.syncOperations
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        let watch = RequestWatch(connection)
        try pipeline.addHandler(watch, position: .after(decoder))
        return watch
    }

    /// What `HTTP1Channel` sets up, it sets up at once.
    private static func value(of setup: EventLoopFuture<HTTP1Channel.Value>) throws -> HTTP1Channel.Value {
        var result: Result<HTTP1Channel.Value, any Error>?
        setup.assumeIsolated().whenComplete { result = $0 }
        guard let result else { throw ChannelError.inappropriateOperationForState }
        return try result.get()
    }

    public func handle(value: HTTP1Channel.Value, logger: Logger) async {
        await withTaskExecutorPreference(LoopExecutor(of: value.channel)) {
            await answer(value, logger)
        }
    }

    /// Answers the requests of a connection until it ends.
    func answer(_ value: HTTP1Channel.Value, _ logger: Logger) async {
        await http.handle(value: value, logger: logger)
    }
}
