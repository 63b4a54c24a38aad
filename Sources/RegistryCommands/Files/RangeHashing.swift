internal import struct Crypto.SHA256
internal import LinuxFiles

/// SHA-256 of parts of files, on all processors, a mebibyte of each at a time.
enum RangeHashing {
    private static let pool = BlockingPool(threadsMax: Processors.count, waitingMax: 65_536)
    private static let pieceBytes = 1 << 20

    /// - Parameter ranges: compared with the file's size before; read in their order, as one run of bytes.
    static func digest(of ranges: [Range<UInt64>], in file: LocalFile) async throws -> [UInt8] {
        let descriptor = file.descriptor
        do throws(FileFault) {
            return try await pool.run { () throws(FileFault) in
                var hasher = SHA256()
                let longest = ranges.map(\.count).max() ?? 0
                let buffer = UnsafeMutableRawBufferPointer.allocate(
                    byteCount: max(1, min(longest, pieceBytes)), alignment: 4096)
                defer { buffer.deallocate() }
                for range in ranges { try hash(range, of: descriptor, buffer, into: &hasher) }
                return Array(hasher.finalize())
            }
        } catch {
            throw CommandFailure(error, path: file.path)
        }
    }

    private static func hash(
        _ range: Range<UInt64>, of file: FileDescriptor, _ buffer: UnsafeMutableRawBufferPointer,
        into hasher: inout SHA256
    ) throws(FileFault) {
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = Int(min(UInt64(buffer.count), range.upperBound - offset))
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<count])
            guard let start = Int64(exactly: offset), try file.read(into: piece, at: start) == count else {
                throw FileFault(.read, .changed)
            }
            hasher.update(bufferPointer: UnsafeRawBufferPointer(piece))
            offset += UInt64(count)
        }
    }
}
