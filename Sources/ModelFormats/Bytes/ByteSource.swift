/// Bytes that can be read at any offset: a file, a range of a blob, an array in memory.
///
/// Readers of this module never ask for the whole of it, so a source may be larger than memory.
public protocol ByteSource {
    /// The size that every claim inside the bytes is measured against. It must not change while a reader is at work.
    var sizeBytes: UInt64 { get }

    /// Copies bytes that start at `offset` into `buffer`.
    ///
    /// - Returns: the number of bytes copied. Fewer than asked for only where the source ends, 0 at or behind its end.
    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ByteSourceFault) -> Int

    /// Whether reading forward is much cheaper than going back.
    var isSequential: Bool { get }
}

extension ByteSource {
    public var isSequential: Bool { false }
}

/// The source could not be read. Says nothing about the bytes: a caller must not take it for a verdict.
public struct ByteSourceFault: Error, Sendable, Hashable {
    /// Where the read began.
    public let offset: UInt64
    /// The system's error number, 0 where there is none.
    public let code: Int32

    public init(offset: UInt64, code: Int32) {
        self.offset = offset
        self.code = code
    }
}

/// Bytes in memory, for small documents and for tests.
public struct MemoryByteSource: ByteSource, Sendable, Hashable {
    public let bytes: [UInt8]

    public init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    public var sizeBytes: UInt64 { UInt64(bytes.count) }

    public func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) -> Int {
        guard let start = Int(exactly: offset), start < bytes.count else { return 0 }
        let count = min(buffer.count, bytes.count - start)
        buffer.copyBytes(from: bytes[start..<start + count])
        return count
    }
}
