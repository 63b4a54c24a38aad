import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// An HTTP server on a loopback port that answers as a test says.
public final class StubServer: Sendable {
    public typealias Handler = @Sendable (StubRequest) -> StubAnswer

    /// After how many bytes of a request's body the connection breaks; `nil` for never.
    public typealias Breaking = @Sendable (StubRequest) -> Int?

    public let port: Int
    private let log: RequestLog

    private init(port: Int, log: RequestLog) {
        self.port = port
        self.log = log
    }

    public var address: String { "http://127.0.0.1:\(port)" }

    /// All requests so far, in the order in which they were complete.
    public var requests: [StubRequest] { log.requests }

    /// Runs a server while `body` runs.
    public static func run<Value>(
        _ handler: @escaping Handler, breaking: @escaping Breaking = { _ in nil },
        _ body: (StubServer) async throws -> Value
    ) async throws -> Value {
        let log = RequestLog()
        let channel = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        StubHandler(log: log, breaking: breaking, handler: handler))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        defer { channel.close(promise: nil) }
        guard let port = channel.localAddress?.port else { throw ChannelError.unknownLocalAddress }
        return try await body(StubServer(port: port, log: log))
    }
}

final class RequestLog: Sendable {
    private let kept = Mutex<[StubRequest]>([])

    var requests: [StubRequest] { kept.withLock { $0 } }

    func add(_ request: StubRequest) {
        kept.withLock { $0.append(request) }
    }
}

/// Collects one request at a time and answers it.
private final class StubHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let log: RequestLog
    private let breaking: StubServer.Breaking
    private let handler: StubServer.Handler
    private var request: StubRequest?

    init(log: RequestLog, breaking: @escaping StubServer.Breaking, handler: @escaping StubServer.Handler) {
        self.log = log
        self.breaking = breaking
        self.handler = handler
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): request = StubRequest(head)
        case .body(let piece): receive(piece, context)
        case .end: answer(context)
        }
    }

    private func receive(_ piece: ByteBuffer, _ context: ChannelHandlerContext) {
        guard var request else { return }
        request.body += Array(piece.readableBytesView)
        self.request = request
        guard let limit = breaking(request), request.body.count >= limit else { return }
        request.body = Array(request.body.prefix(limit))
        request.isBroken = true
        log.add(request)
        _ = handler(request)
        self.request = nil
        context.close(promise: nil)
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let request else { return }
        self.request = nil
        log.add(request)
        let answer = handler(request)
        guard !answer.isSilent else { return }
        var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status))
        for (name, value) in answer.headers { head.headers.add(name: name, value: value) }
        let byteCount = answer.pieces.reduce(0) { $0 + $1.count }
        if answer.breaksOff || answer.pieces.count > 1 {
            head.headers.add(name: "transfer-encoding", value: "chunked")
        } else {
            head.headers.add(name: "content-length", value: String(byteCount))
        }
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if request.method != "HEAD" {
            for piece in answer.pieces {
                context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: piece)))), promise: nil)
            }
        }
        if answer.breaksOff {
            context.close(promise: nil)
        } else if answer.isDripping {
            drip(context)
        } else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    private func drip(_ context: ChannelHandlerContext) {
        context.writeAndFlush(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: [0x20])))), promise: nil)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(100)) {
            let (handler, context) = bound.value
            if context.channel.isActive { handler.drip(context) }
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

extension StubRequest {
    fileprivate init(_ head: HTTPRequestHead) {
        let parts = head.uri.split(separator: "?", maxSplits: 1)
        var query: [String: String] = [:]
        for parameter in parts.dropFirst().first?.split(separator: "&") ?? [] {
            let pair = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            query[String(pair[0])] = pair.count > 1 ? String(pair[1]) : ""
        }
        self.init(
            method: head.method.rawValue, path: String(parts[0]), query: query,
            headers: Dictionary(head.headers.map { ($0.name.lowercased(), $0.value) }) { first, _ in first }, body: [])
    }
}
