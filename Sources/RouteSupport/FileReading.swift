import LinuxFiles
import NIOCore
import NIOHTTPTypes

/// Puts windows of files into the answer that is being written, as bytes that are read piece by piece.
///
/// For connections whose bytes are encrypted or framed on their way, so that the kernel cannot send a file by itself.
/// What the page cache has is read at once; for the rest a thread waits, and the event loop does not.
final class FileReadHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// Pieces that the client has not taken yet; what a client that stops reading costs.
    private static let piecesInFlightMax = 2
    /// After so many the event loop gets to its other connections.
    private static let piecesPerTurn = 4
    /// Threads that wait for disks, whatever the number of clients.
    private static let disks = BlockingPool(threadsMax: 8, waitingMax: 1 << 16)

    private struct Job {
        let window: FileWindow
        var next: Int
        let taken: EventLoopPromise<Void>?
    }

    private let pieceBytes: Int
    private var jobs = CircularBuffer<Job>()
    /// Pieces that were written, the oldest first. They are used again once the client has them.
    private var inFlight = CircularBuffer<ByteBuffer>()
    private var spare: [ByteBuffer] = []
    private var isReading = false
    private var isAtWork = false
    private var isPlanned = false
    private var isClosed = false

    init(pieceBytes: Int) {
        self.pieceBytes = pieceBytes
    }

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        guard let window = event as? FileWindow else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        guard !isClosed else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        jobs.append(Job(window: window, next: window.range.lowerBound, taken: promise))
        work(context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        giveUp(ChannelError.ioOnClosedChannel)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        giveUp(ChannelError.ioOnClosedChannel)
    }

    private func giveUp(_ error: any Error) {
        isClosed = true
        spare = []
        while let job = jobs.popFirst() { job.taken?.fail(error) }
    }

    private func work(_ context: ChannelHandlerContext) {
        // A piece that is taken at once calls for the next one from within the write.
        guard !isAtWork else { return }
        isAtWork = true
        defer { isAtWork = false }
        var pieces = 0
        while !isReading, inFlight.count < Self.piecesInFlightMax, let job = jobs.first {
            guard pieces < Self.piecesPerTurn else { return plan(context) }
            pieces += 1
            read(job, context)
        }
        if jobs.isEmpty { spare = [] }
    }

    private func plan(_ context: ChannelHandlerContext) {
        guard !isPlanned else { return }
        isPlanned = true
        context.eventLoop.assumeIsolated().execute {
            self.isPlanned = false
            self.work(context)
        }
    }

    private func read(_ job: Job, _ context: ChannelHandlerContext) {
        let count = min(pieceBytes, job.window.range.upperBound - job.next)
        var buffer = spare.popLast() ?? context.channel.allocator.buffer(capacity: pieceBytes)
        buffer.clear()
        do {
            guard try job.window.sender.readCached(count, at: job.next, into: &buffer) else {
                return readDisk(job, count, context)
            }
        } catch {
            return giveUp(error)
        }
        write(buffer, context)
    }

    private func readDisk(_ job: Job, _ count: Int, _ context: ChannelHandlerContext) {
        isReading = true
        let (sender, offset) = (job.window.sender, job.next)
        let read = context.eventLoop.makeFutureWithTask {
            try await Self.disks.run { () throws(FileFault) in
                var buffer = ByteBufferAllocator().buffer(capacity: count)
                try sender.read(count, at: offset, into: &buffer)
                return buffer
            }
        }
        read.assumeIsolated().whenComplete { result in
            self.isReading = false
            guard !self.isClosed else { return }
            switch result {
            case .success(let buffer):
                self.write(buffer, context)
                self.work(context)
            case .failure(let error): self.giveUp(error)
            }
        }
    }

    /// The next bytes of the first job.
    private func write(_ buffer: ByteBuffer, _ context: ChannelHandlerContext) {
        jobs[jobs.startIndex].next += buffer.readableBytes
        let job = jobs[jobs.startIndex]
        let isLast = job.next == job.window.range.upperBound
        if isLast { jobs.removeFirst() }
        inFlight.append(buffer)
        let taken = context.eventLoop.makePromise(of: Void.self)
        taken.futureResult.assumeIsolated().whenComplete { result in
            if let buffer = self.inFlight.popFirst(), !self.isClosed { self.spare.append(buffer) }
            if isLast { job.taken?.completeWith(result) }
            if case .failure(let error) = result { return self.giveUp(error) }
            self.work(context)
        }
        context.writeAndFlush(wrapOutboundOut(.body(buffer)), promise: taken)
    }
}
