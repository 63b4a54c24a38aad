public import NIOCore

/// Stands next to the socket: takes a place for the connection, and closes it when its client is too slow.
///
/// A client holds memory and a descriptor for as long as it takes to send its request and to take its answer. So a
/// request's head has a deadline, and a body and an answer have a least rate, 1 KiB/s on average over a window. Only
/// the time in which it is the client's turn counts: while we do not read, or have nothing to send, it owes nothing.
public final class ConnectionGuard: ChannelDuplexHandler {
    public typealias InboundIn = ByteBuffer
    public typealias InboundOut = ByteBuffer
    public typealias OutboundIn = IOData
    public typealias OutboundOut = IOData

    public struct Limits: Sendable {
        /// From the first byte of a request to the end of its head.
        public var head: TimeAmount
        /// Over which the rate of a body or an answer is averaged.
        public var window: TimeAmount
        /// How long a connection may be without a request.
        public var idle: TimeAmount

        public init(head: TimeAmount, window: TimeAmount, idle: TimeAmount) {
            self.head = head
            self.window = window
            self.idle = idle
        }
    }

    /// What the bytes next to the socket are.
    enum Content {
        /// Requests and answers, one after another.
        case requests
        /// The beginning of TLS.
        case handshake
        /// Requests and answers under TLS, where `PlaintextWatch` says when one begins.
        case encryptedRequests
        /// HTTP/2 under TLS, where each stream has a guard of its own.
        case streams
    }

    /// What the client is sending.
    fileprivate enum Phase {
        case nothing, head, body
    }

    private let table: ConnectionTable
    private let limits: Limits
    private var content: Content
    /// The client was told that the connection ends, or will be told once it rests.
    private var isLeaving = false
    private var context: ChannelHandlerContext?
    private var place: ConnectionTable.ID?
    private var isRefused = false
    private var unanswered = 0
    private var streams = 0
    /// Of streams beyond the first.
    private var furtherPlaces: [ConnectionTable.ID] = []
    private var restingSince: UInt64 = 0
    private var idleCheck: Scheduled<Void>?

    private var phase = Phase.nothing
    private var sending = TransferWindow(at: 0, moved: 0)
    private var received: UInt64 = 0
    /// Nanoseconds of the present window in which bytes were asked for and none came.
    private var waited: UInt64 = 0
    private var waitingSince: UInt64?
    private var sendingCheck: Scheduled<Void>?

    /// We said our last word, and wait a little for the client to have read it.
    private var lingering: Scheduled<Void>?

    private var taking = TransferWindow(at: 0, moved: 0)
    private var written: UInt64 = 0
    private var takingCheck: Scheduled<Void>?

    public init(table: ConnectionTable, limits: Limits, isEncrypted: Bool) {
        self.table = table
        self.limits = limits
        content = isEncrypted ? .handshake : .requests
    }

    public func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    public func channelActive(context: ChannelHandlerContext) {
        let (loop, bound) = (context.eventLoop, NIOLoopBound(context, eventLoop: context.eventLoop))
        // At the socket: whoever is asked politely, as TLS does, may take seconds to go.
        place = table.open(from: ConnectionTable.Source(context.channel.remoteAddress)) {
            loop.execute { bound.value.close(promise: nil) }
        }
        rest(context)
        context.fireChannelActive()
        if place == nil { refuse(context) }
    }

    public func channelInactive(context: ChannelHandlerContext) {
        leave()
        context.fireChannelInactive()
    }

    public func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        leave()
    }

    private func leave() {
        if let place { table.closed(place) }
        for further in furtherPlaces { table.closed(further) }
        furtherPlaces = []
        place = nil
        for check in [sendingCheck, takingCheck, idleCheck, lingering] { check?.cancel() }
    }

    private func rest(_ context: ChannelHandlerContext) {
        restingSince = Self.now()
        if idleCheck == nil { checkIdle(context, in: isLeaving ? limits.head : limits.idle) }
    }

    private func checkIdle(_ context: ChannelHandlerContext, in time: TimeAmount) {
        idleCheck = context.eventLoop.assumeIsolated().scheduleTask(in: time) { self.judgeIdle(context) }
    }

    private func judgeIdle(_ context: ChannelHandlerContext) {
        idleCheck = nil
        // A request that is being answered has limits of its own, and so has a head that is coming.
        guard unanswered == 0 else { return }
        let limit = isLeaving ? limits.head : limits.idle
        let left = limit - .nanoseconds(Int64(clamping: Self.now() - restingSince))
        if phase == .head { return checkIdle(context, in: limits.head) }
        if left > .zero { return checkIdle(context, in: left) }
        switch content {
        case .requests, .handshake: context.close(promise: nil)
        // With the alert that says that nothing was cut off (RFC 8446 §6.1).
        case .encryptedRequests: context.channel.close(promise: nil)
        case .streams:
            guard !isLeaving else { return context.close(promise: nil) }
            leavePolitely(context)
            context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        }
    }

    /// Somebody else tells the client (RFC 9113 §6.8), and it has some seconds to go.
    private func leavePolitely(_ context: ChannelHandlerContext) {
        isLeaving = true
        restingSince = Self.now()
        idleCheck?.cancel()
        checkIdle(context, in: limits.head)
    }

    public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event is ChannelShouldQuiesceEvent {
            switch content {
            case .handshake: return context.close(promise: nil)
            case .streams: leavePolitely(context)
            case .requests, .encryptedRequests: break
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    /// TLS is spoken from now on.
    func handshakeEnded(with content: Content) {
        self.content = content
        phase = .nothing
        restingSince = Self.now()
    }

    /// Every place is taken by a connection that is at work.
    private func refuse(_ context: ChannelHandlerContext) {
        isRefused = true
        guard case .requests = content else { return context.close(promise: nil) }
        let head = ["HTTP/1.1 503 Service Unavailable", "Retry-After: 1", "Content-Length: 0", "Connection: close"]
        let answer = head.map { $0 + "\r\n" }.joined() + "\r\n"
        let loopBound = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.byteBuffer(ByteBuffer(string: answer)))).whenComplete { _ in
            loopBound.value.close(promise: nil)
        }
    }

    private static func now() -> UInt64 { NIODeadline.now().uptimeNanoseconds }
}

// What comes from the client.
extension ConnectionGuard {
    public func read(context: ChannelHandlerContext) {
        if waitingSince == nil { waitingSince = Self.now() }
        context.read()
    }

    public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused, lingering == nil else { return }
        let now = Self.now()
        if let since = waitingSince { waited &+= now - min(since, now) }
        waitingSince = nil
        received &+= UInt64(unwrapInboundIn(data).readableBytes)
        switch content {
        case .requests, .handshake: if phase == .nothing { begin(.head, at: now) }
        case .encryptedRequests, .streams: break
        }
        context.fireChannelRead(data)
    }

    /// Bytes of a request came out of their encryption.
    func requestBytesArrived() {
        if phase == .nothing { begin(.head, at: Self.now()) }
    }

    public func channelReadComplete(context: ChannelHandlerContext) {
        context.fireChannelReadComplete()
        guard lingering == nil else { return context.read() }
        if phase != .nothing, sendingCheck == nil { checkSending(context, in: limits.length(of: phase)) }
    }

    /// The head of a request is complete.
    func requestBegan() {
        begin(.body, at: Self.now())
        streamOpened()
    }

    /// Takes a place for a further stream: each may have a file open, as a connection of its own might.
    ///
    /// - Returns: `false` when there is none, and the stream has to be refused.
    func admitStream() -> Bool {
        guard streams > 0 else {
            streams = 1
            return true
        }
        guard let context else { return false }
        let source = ConnectionTable.Source(context.channel.remoteAddress)
        guard let further = table.open(from: source, close: {}) else { return false }
        table.work(further)
        furtherPlaces.append(further)
        streams += 1
        return true
    }

    /// A stream that was admitted is gone, whether it ever held a request or not.
    func streamEnded() {
        streams -= 1
        if let further = furtherPlaces.popLast() { table.closed(further) }
    }

    /// There is something to be answered.
    func streamOpened() {
        unanswered += 1
        if unanswered == 1, let place { table.work(place) }
    }

    /// Nothing of the stream is left.
    func streamClosed() {
        guard let context else { return }
        answerEnded(context)
    }

    func requestEnded() {
        phase = .nothing
    }

    private func begin(_ phase: Phase, at now: UInt64) {
        self.phase = phase
        sending = TransferWindow(at: now, moved: received)
        waited = 0
        if waitingSince != nil { waitingSince = now }
    }

    private func checkSending(_ context: ChannelHandlerContext, in time: TimeAmount) {
        sendingCheck = context.eventLoop.assumeIsolated().scheduleTask(in: time) { self.judgeSending(context) }
    }

    private func judgeSending(_ context: ChannelHandlerContext) {
        sendingCheck = nil
        guard phase != .nothing else { return }
        let (now, length) = (Self.now(), limits.length(of: phase))
        let left = length - .nanoseconds(Int64(clamping: sending.elapsed(at: now)))
        // It began after the check was planned.
        guard left <= .zero else { return checkSending(context, in: left) }
        let turn = waited &+ (waitingSince.map { now - min($0, now) } ?? 0)
        let isEnough: Bool
        switch phase {
        // We may have stopped reading in between, because earlier requests of this client are not answered yet.
        case .head: isEnough = turn < UInt64(clamping: length.nanoseconds) / 2
        case .body, .nothing: isEnough = sending.isEnough(moved: received, waited: turn)
        }
        guard isEnough else { return context.close(promise: nil) }
        begin(phase, at: now)
        checkSending(context, in: length)
    }
}

// What goes to the client.
extension ConnectionGuard {
    public func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        written &+= UInt64(unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
    }

    public func flush(context: ChannelHandlerContext) {
        context.flush()
        if takingCheck == nil { watchTaking(context) }
    }

    /// Whoever sends what is no request is told so, and nothing after it is read. Closing at once could take the answer
    /// from a client that is still sending, because its system throws away what it has received when it is reset
    /// (RFC 9112 §9.6), so what comes is thrown away here for a short while.
    public func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        if mode == .output, lingering == nil {
            lingering = context.eventLoop.assumeIsolated().scheduleTask(in: Self.lingeringTime) {
                context.close(promise: nil)
            }
            context.read()
        }
        context.close(mode: mode, promise: promise)
    }

    private static var lingeringTime: TimeAmount { .seconds(2) }

    /// Every byte of an answer is gone.
    func answerEnded(_ context: ChannelHandlerContext) {
        unanswered -= 1
        guard unanswered == 0, let place else { return }
        table.rest(place)
        rest(context)
    }

    private func watchTaking(_ context: ChannelHandlerContext) {
        let pending = Self.pendingBytes(context)
        guard pending > 0 else { return }
        taking = TransferWindow(at: Self.now(), moved: written - min(pending, written), waiting: pending)
        takingCheck = context.eventLoop.assumeIsolated().scheduleTask(in: limits.window) { self.judgeTaking(context) }
    }

    private func judgeTaking(_ context: ChannelHandlerContext) {
        takingCheck = nil
        let pending = Self.pendingBytes(context)
        let isEnough = taking.isEnough(
            moved: written - min(pending, written), waited: UInt64(clamping: limits.window.nanoseconds))
        guard pending == 0 || isEnough else { return context.close(promise: nil) }
        watchTaking(context)
    }

    /// What the kernel has not taken from us yet, because its buffer for this client is full.
    private static func pendingBytes(_ context: ChannelHandlerContext) -> UInt64 {
        UInt64(clamping: (try? context.channel.syncOptions?.getOption(.bufferedWritableBytes)) ?? 0)
    }
}

extension ConnectionGuard.Limits {
    fileprivate func length(of phase: ConnectionGuard.Phase) -> TimeAmount {
        phase == .head ? head : window
    }
}
