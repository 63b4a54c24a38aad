package import Crypto

/// Reads little-endian numbers and runs of bytes in order, through one window that never grows.
///
/// Every read is checked against the end of the source before it touches memory.
package struct ByteReader {
    /// Enough that a read costs little per byte, small enough to forget about.
    package static let windowBytesMax = 256 * 1024

    private let source: any ByteSource
    /// One past the last byte that may be read.
    package let end: UInt64
    /// The next byte to be read.
    package private(set) var offset: UInt64
    private var window: [UInt8]
    private var windowStart: UInt64 = 0
    private var windowCount = 0

    package init(_ source: any ByteSource, from start: UInt64 = 0, end: UInt64? = nil) {
        self.source = source
        self.end = min(end ?? source.sizeBytes, source.sizeBytes)
        self.offset = min(start, self.end)
        let span = min(UInt64(Self.windowBytesMax), self.end - self.offset)
        self.window = [UInt8](repeating: 0, count: Int(span))
    }

    package var remaining: UInt64 { end - offset }

    package mutating func uint8() throws(FormatFault) -> UInt8 {
        let index = try require(1)
        return window[index]
    }

    package mutating func uint16() throws(FormatFault) -> UInt16 {
        UInt16(truncatingIfNeeded: try littleEndian(2))
    }

    package mutating func uint32() throws(FormatFault) -> UInt32 {
        UInt32(truncatingIfNeeded: try littleEndian(4))
    }

    package mutating func uint64() throws(FormatFault) -> UInt64 {
        try littleEndian(8)
    }

    /// The next byte, which stays the next byte. `nil` at the end.
    package mutating func peek() throws(FormatFault) -> UInt8? {
        guard remaining > 0 else { return nil }
        let index = try require(1)
        offset -= 1
        return window[index]
    }

    package mutating func skip(_ count: UInt64) throws(FormatFault) {
        guard count <= remaining else { throw .truncated(offset: end) }
        offset += count
    }

    /// Copies `count` bytes out. The caller has compared `count` with a limit of its own.
    package mutating func bytes(_ count: Int) throws(FormatFault) -> [UInt8] {
        guard count >= 0, UInt64(count) <= remaining else { throw .truncated(offset: end) }
        var result: [UInt8] = []
        result.reserveCapacity(count)
        try forEachChunk(UInt64(count)) { chunk in
            chunk.withUnsafeBufferPointer { result.append(contentsOf: $0) }
        }
        return result
    }

    /// Bytes that were read not long ago and are still in the window; `nil` for others.
    func recent(at start: UInt64, count: Int) -> ArraySlice<UInt8>? {
        guard start >= windowStart, start - windowStart <= UInt64(windowCount),
            UInt64(windowCount) - (start - windowStart) >= UInt64(count)
        else { return nil }
        let index = Int(start - windowStart)
        return window[index..<index + count]
    }

    /// Feeds `count` bytes to a hash without keeping them.
    package mutating func hash(_ count: UInt64, into hasher: inout SHA256) throws(FormatFault) {
        try forEachChunk(count) { chunk in
            chunk.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        }
    }

    /// Hands out the next `count` bytes in pieces of at most one window.
    package mutating func forEachChunk(_ count: UInt64, _ body: (Span<UInt8>) -> Void) throws(FormatFault) {
        guard count <= remaining else { throw .truncated(offset: end) }
        var left = count
        while left > 0 {
            let index = try require(1)
            offset -= 1
            let available = UInt64(windowCount - index)
            let take = Int(min(left, available))
            body(window.span.extracting(index..<index + take))
            offset += UInt64(take)
            left -= UInt64(take)
        }
    }

    private mutating func littleEndian(_ count: Int) throws(FormatFault) -> UInt64 {
        let index = try require(count)
        var value: UInt64 = 0
        for position in stride(from: index + count - 1, through: index, by: -1) {
            value = value << 8 | UInt64(window[position])
        }
        return value
    }

    /// Makes the next `count` (at most 8) bytes present in the window, moves past them and returns where they begin.
    private mutating func require(_ count: Int) throws(FormatFault) -> Int {
        guard UInt64(count) <= remaining else { throw .truncated(offset: end) }
        if offset < windowStart || offset - windowStart + UInt64(count) > UInt64(windowCount) {
            try fill(atLeast: count)
        }
        let index = Int(offset - windowStart)
        offset += UInt64(count)
        return index
    }

    private mutating func fill(atLeast count: Int) throws(FormatFault) {
        let wanted = Int(min(UInt64(window.count), remaining))
        windowStart = offset
        windowCount = try source.fill(&window, count: wanted, at: offset)
        // A source that ends before its own size has shrunk while we read it.
        guard windowCount >= count else { throw .truncated(offset: windowStart + UInt64(windowCount)) }
    }
}
