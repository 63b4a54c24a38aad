import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP2
import NIOHTTPTypesHTTP2

/// HTTP/2 (RFC 9113) on a connection that is encrypted already: each stream is a request of its own.
struct HTTP2Connection: Sendable {
    struct Value: Sendable {
        let streams: NIOHTTP2Handler.AsyncStreamMultiplexer<HTTP1Channel.Value>
    }

    /// Requests at a time; one more is refused and may be repeated (RFC 9113 §5.1.2).
    static let streamsMax = 100
    /// What a client may send of a body before we have taken it.
    static let windowBytes = 256 << 10
    /// What is read of a file at a time: there are many streams.
    static let pieceBytes = 64 << 10
    /// Streams that a client may give up, or misuse, within `abuseWindow` before it is shown the door: whoever opens
    /// and resets streams has us begin work that nobody wants (CVE-2023-44487).
    static let resetsMax = 200
    static let abuseWindow = TimeAmount.seconds(30)

    private let http: HTTP1Channel
    private let limits: ConnectionGuard.Limits

    init(_ http: HTTP1Channel, limits: ConnectionGuard.Limits) {
        self.http = http
        self.limits = limits
    }

    func setUp(_ channel: any Channel, _ connection: ConnectionGuard, _ logger: Logger) throws -> Value {
        let bound = NIOLoopBound(connection, eventLoop: channel.eventLoop)
        let (limits, fieldsMax) = (limits, http.configuration.httpDecoder.maxHeaderFieldCount)
        // Who is idle, and for how long, is the guard's business.
        let management = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: channel.eventLoop,
            configuration: .init(maxIdleTime: nil, maxAge: nil, maxGraceTime: nil, keepalive: nil))
        let streams = try channel.pipeline.syncOperations.configureAsyncHTTP2Pipeline(
            mode: .server, streamDelegate: management.http2StreamDelegate, frameDelegate: FailedConnection(channel),
            configuration: configuration
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                guard bound.value.admitStream() else { throw StreamRefusal() }
                stream.closeFuture.assumeIsolated().whenComplete { _ in bound.value.streamEnded() }
                let pipeline = stream.pipeline.syncOperations
                try pipeline.addHandler(HTTP2FramePayloadToHTTPServerCodec())
                try pipeline.addHandler(StreamGuard(bound.value, limits: limits, fieldsMax: fieldsMax))
                try pipeline.addHandler(FileReadHandler(pieceBytes: Self.pieceBytes))
                return try HTTP1Channel.Value(wrappingChannelSynchronously: stream)
            }
        }
        try channel.pipeline.syncOperations.addHandlers(management, EndOfInput())
        return Value(streams: streams)
    }

    private var configuration: NIOHTTP2Handler.Configuration {
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: Self.streamsMax),
            HTTP2Setting(parameter: .maxHeaderListSize, value: http.configuration.httpDecoder.maxHeaderListSize),
            HTTP2Setting(parameter: .initialWindowSize, value: Self.windowBytes),
        ]
        configuration.connection.targetWindowSize = 4 * Self.windowBytes
        configuration.connection.maximumRecentlyResetStreams = Self.streamsMax
        configuration.connection.maximumConnectionGlitches = Self.resetsMax
        configuration.connection.controlFrameRateLimit.maximumCount = Self.resetsMax
        configuration.connection.controlFrameRateLimit.windowLength = Self.abuseWindow
        configuration.stream.targetWindowSize = Self.windowBytes
        configuration.stream.outboundBufferSizeHighWatermark = Self.pieceBytes
        configuration.stream.outboundBufferSizeLowWatermark = Self.pieceBytes / 2
        configuration.stream.streamResetFrameRateLimit.maximumCount = Self.resetsMax
        configuration.stream.streamResetFrameRateLimit.windowLength = Self.abuseWindow
        configuration.stream.streamErrorRateLimit.maximumCount = Self.resetsMax
        configuration.stream.streamErrorRateLimit.windowLength = Self.abuseWindow
        return configuration
    }

    /// Answers the requests of a connection until it ends.
    func handle(_ value: Value, logger: Logger) async {
        await withDiscardingTaskGroup { group in
            do {
                for try await stream in value.streams.inbound {
                    // What a connection of HTTP/1.1 with a single request is.
                    group.addTask { await http.handle(value: stream, logger: logger) }
                }
            } catch {
                logger.trace("an HTTP/2 connection broke: \(error)")
            }
        }
    }
}

/// There is no place for another stream: it is reset, and the connection goes on.
private struct StreamRefusal: Error {}

/// Closes a connection that the client was told to leave because of an error of the whole of it (RFC 9113 §5.4.1).
private final class FailedConnection: NIOHTTP2FrameDelegate {
    private let channel: any Channel

    init(_ channel: any Channel) {
        self.channel = channel
    }

    func wroteFrame(_ frame: HTTP2Frame) {
        guard case .goAway(_, let error, _) = frame.payload, error != .noError else { return }
        // The frame itself is still to be flushed.
        channel.eventLoop.execute { [channel] in channel.close(promise: nil) }
    }
}

/// Closes a connection whose client says nothing more: without frames from it no stream gets far.
private final class EndOfInput: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { context.close(promise: nil) }
        context.fireUserInboundEventTriggered(event)
    }
}
