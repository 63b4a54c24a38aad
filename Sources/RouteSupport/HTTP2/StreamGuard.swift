import HTTPTypes
import NIOCore
import NIOHTTP2
import NIOHTTPTypes
import NIOHTTPTypesHTTP2

/// Holds one stream of an HTTP/2 connection to what `ConnectionGuard` holds a connection to: a body and an answer have
/// a least rate while it is the client's turn. A client that is too slow loses the stream, not the connection.
///
/// It matters beside the connection's guard: a client that gives a stream no window (RFC 9113 §5.2) leaves its answer
/// here, although nothing waits at the socket.
final class StreamGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let connection: ConnectionGuard
    private let limits: ConnectionGuard.Limits
    private let fieldsMax: Int
    private var isOpen = false

    private var isBodyExpected = false
    private var received: UInt64 = 0
    private var sending = TransferWindow(at: 0, moved: 0)
    private var waited: UInt64 = 0
    private var waitingSince: UInt64?
    private var sendingCheck: Scheduled<Void>?

    private var pending: UInt64 = 0
    private var taken: UInt64 = 0
    private var taking = TransferWindow(at: 0, moved: 0)
    private var takingCheck: Scheduled<Void>?

    private var isRefused = false

    /// - Parameter fieldsMax: how many header fields a request may have (RFC 6585 §5).
    init(_ connection: ConnectionGuard, limits: ConnectionGuard.Limits, fieldsMax: Int) {
        self.connection = connection
        self.limits = limits
        self.fieldsMax = fieldsMax
    }

    func handlerAdded(context: ChannelHandlerContext) {
        isOpen = true
        connection.streamOpened()
    }

    func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        leave()
    }

    private func leave() {
        guard isOpen else { return }
        isOpen = false
        sendingCheck?.cancel()
        takingCheck?.cancel()
        connection.streamClosed()
    }
}

// What comes from the client.
extension StreamGuard {
    func read(context: ChannelHandlerContext) {
        if waitingSince == nil { waitingSince = Self.now() }
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        let now = Self.now()
        if let since = waitingSince { waited &+= now - min(since, now) }
        waitingSince = nil
        switch unwrapInboundIn(data) {
        case .head(let head):
            isBodyExpected = true
            watchSending(context, now)
            if head.headerFields.count > fieldsMax { refuse(context) }
        case .body(let buffer): received &+= UInt64(buffer.readableBytes)
        case .end:
            isBodyExpected = false
            sendingCheck?.cancel()
        }
        if !isRefused { context.fireChannelRead(data) }
    }

    private func refuse(_ context: ChannelHandlerContext) {
        isRefused = true
        write(context: context, data: wrapOutboundOut(.head(Self.tooManyFields)), promise: nil)
        write(context: context, data: wrapOutboundOut(.end(nil)), promise: nil)
        context.flush()
    }

    private static let tooManyFields = HTTPResponse(
        status: .requestHeaderFieldsTooLarge, headerFields: [.contentLength: "0"])

    private func watchSending(_ context: ChannelHandlerContext, _ now: UInt64) {
        sending = TransferWindow(at: now, moved: received)
        waited = 0
        if waitingSince != nil { waitingSince = now }
        sendingCheck = context.eventLoop.assumeIsolated().scheduleTask(in: limits.window) {
            self.judgeSending(context)
        }
    }

    private func judgeSending(_ context: ChannelHandlerContext) {
        guard isOpen, isBodyExpected else { return }
        let now = Self.now()
        let turn = waited &+ (waitingSince.map { now - min($0, now) } ?? 0)
        guard sending.isEnough(moved: received, waited: turn) else { return context.close(promise: nil) }
        watchSending(context, now)
    }

    private static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }
}

// What goes to the client.
extension StreamGuard {
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let promise = promise ?? context.eventLoop.makePromise()
        switch unwrapOutboundIn(data) {
        case .head: break
        case .body(let buffer):
            let count = UInt64(buffer.readableBytes)
            pending += count
            promise.futureResult.assumeIsolated().whenComplete { _ in
                self.pending -= count
                self.taken &+= count
            }
        case .end: promise.futureResult.assumeIsolated().whenComplete { _ in self.refuseRest(context) }
        }
        context.write(data, promise: promise)
    }

    /// RFC 9113 §8.1: who has the whole answer need not send the rest of the request.
    private func refuseRest(_ context: ChannelHandlerContext) {
        guard isOpen, isBodyExpected else { return }
        context.triggerUserOutboundEvent(NIOHTTP2FramePayloadToHTTPEvent.reset(code: .noError), promise: nil)
    }

    func flush(context: ChannelHandlerContext) {
        context.flush()
        if takingCheck == nil { watchTaking(context) }
    }

    private func watchTaking(_ context: ChannelHandlerContext) {
        guard isOpen, pending > 0 else { return }
        taking = TransferWindow(at: Self.now(), moved: taken, waiting: pending)
        takingCheck = context.eventLoop.assumeIsolated().scheduleTask(in: limits.window) { self.judgeTaking(context) }
    }

    private func judgeTaking(_ context: ChannelHandlerContext) {
        takingCheck = nil
        guard isOpen else { return }
        let isEnough = taking.isEnough(moved: taken, waited: UInt64(clamping: limits.window.nanoseconds))
        guard pending == 0 || isEnough else { return context.close(promise: nil) }
        watchTaking(context)
    }
}
