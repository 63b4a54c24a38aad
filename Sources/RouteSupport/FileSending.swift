import Glibc
import class LinuxFiles.FileDescriptor
import struct LinuxFiles.FileFault
import NIOCore
import NIOHTTP1
import RegistryCore
import RegistryPorts

/// A part of a file that is to go to the client, told to the pipeline beside the parts of the answer.
///
/// What the pipeline leads to decides how it goes: `FileSendHandler` leaves it to the kernel, `FileReadHandler` reads
/// it, where the bytes have to be encrypted or put into frames.
struct FileWindow: Sendable {
    let sender: FileSender
    let range: Range<Int>
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
        context.writeAndFlush(wrapOutboundOut(.body(.fileRegion(window.sender.region(window.range)))), promise: promise)
    }
}

/// A file on its way to a client.
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

    /// A part of the file, for `sendfile(2)`.
    fileprivate func region(_ range: Range<Int>) -> FileRegion {
        FileRegion(fileHandle: handle, readerIndex: range.lowerBound, endIndex: range.upperBound)
    }

    /// Appends up to `count` bytes to a buffer that has room for them, without waiting for a disk.
    ///
    /// - Returns: whether there were any; if not, the disk has to be asked with `read`.
    func readCached(_ count: Int, at offset: Int, into buffer: inout ByteBuffer) throws -> Bool {
        let read = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { room in
            let room = UnsafeMutableRawBufferPointer(rebasing: room[..<count])
            return try descriptor.readCached(into: room, at: Int64(offset)) ?? 0
        }
        return read > 0
    }

    /// Appends `count` bytes to a buffer, from the disk if need be; for threads that may wait.
    ///
    /// - Throws: `.changed` when the file ends before.
    func read(_ count: Int, at offset: Int, into buffer: inout ByteBuffer) throws(FileFault) {
        buffer.writeBytes(try descriptor.read(Int64(offset)..<Int64(offset + count)))
    }

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
            let window = FileWindow(sender: self, range: start..<next)
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
