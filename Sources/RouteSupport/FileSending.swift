import Glibc
import class LinuxFiles.FileDescriptor
import NIOCore
import NIOHTTP1
import RegistryCore
import RegistryPorts

/// A part of a file that is to go to the client, told to the pipeline beside the parts of the answer.
struct FileWindow: Sendable {
    let region: FileRegion
}

/// Puts windows of files into the answer that is being written, as what `sendfile(2)` takes.
///
/// Stands where the parts of an answer may still be files: between the encoder and what speaks HTTPTypes, whose bodies
/// are bytes in memory.
final class FileSendHandler: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    func triggerUserOutboundEvent(
        context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
    ) {
        guard let window = event as? FileWindow else {
            return context.triggerUserOutboundEvent(event, promise: promise)
        }
        context.writeAndFlush(wrapOutboundOut(.body(.fileRegion(window.region))), promise: promise)
    }
}

/// A file on its way to a client, from the page cache to the socket without passing through this process.
final class FileSender: Sendable {
    /// Bytes that the kernel is asked to take at a time, two such windows in flight: enough to keep it busy, and a
    /// client that goes away is noticed.
    static let windowBytes = 8 << 20

    private let descriptor: FileDescriptor
    /// Lends the descriptor to the channel and does not own it.
    private let handle: NIOFileHandle

    /// Opens the file once more, so that it does not matter what others do with theirs.
    ///
    /// - Throws: `.overloaded` when there are no more descriptors.
    init(_ file: any LocalFile) throws(RegistryError) {
        do {
            let descriptor = try file.withDescriptor { number in try FileDescriptor(duplicating: number) }
            self.descriptor = descriptor
            handle = descriptor.withNumber { NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: $0) }
        } catch {
            throw RegistryError(.overloaded, "There are too many files open.", cause: error)
        }
    }

    deinit { _ = try? handle.takeDescriptorOwnership() }

    /// Returns when the kernel has taken every byte.
    ///
    /// - Parameter mayGoOn: asked before each window.
    /// - Throws: `ChannelError` when the client is gone; `CancellationError` when the bytes may not go on: the client
    ///   gets fewer than it was promised, which it notices.
    func send(
        _ range: Range<UInt64>, on channel: any Channel, mayGoOn: @Sendable () async -> Bool
    ) async throws {
        guard let end = Int(exactly: range.upperBound), var start = Int(exactly: range.lowerBound) else { return }
        var inFlight: EventLoopFuture<Void>?
        while start < end {
            guard await mayGoOn() else {
                try? await inFlight?.get()
                throw CancellationError()
            }
            let next = start + min(Self.windowBytes, end - start)
            let taken = channel.eventLoop.makePromise(of: Void.self)
            let window = FileWindow(region: FileRegion(fileHandle: handle, readerIndex: start, endIndex: next))
            channel.triggerUserOutboundEvent(window, promise: taken)
            let before = inFlight
            inFlight = taken.futureResult
            do { try await before?.get() } catch {
                // The handle is in use until the channel has given up the last window as well.
                try? await taken.futureResult.get()
                throw error
            }
            start = next
        }
        try await inFlight?.get()
    }
}

extension LocalFile {
    /// Some bytes of the file, which are few.
    ///
    /// - Throws: `.storageUnavailable` when the disk does not give them.
    func bytes(_ range: Range<UInt64>) throws(RegistryError) -> ByteBuffer {
        let count = Int(clamping: range.upperBound - range.lowerBound)
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        withDescriptor { number in
            while buffer.readableBytes < count {
                let offset = off_t(clamping: range.lowerBound) + off_t(buffer.readableBytes)
                let missing = count - buffer.readableBytes
                let read = buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: missing) {
                    max(0, pread(number, $0.baseAddress, missing, offset))
                }
                if read == 0 { return }
            }
        }
        guard buffer.readableBytes == count else {
            throw RegistryError(.storageUnavailable, "The disk does not give the bytes back.")
        }
        return buffer
    }
}
