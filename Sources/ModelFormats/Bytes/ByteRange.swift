/// A part of a source, as a source.
package struct ByteRange: ByteSource {
    private let source: any ByteSource
    private let start: UInt64
    package let sizeBytes: UInt64

    /// The bytes themselves where going back to them would be dear and they are few, else the part of the source.
    package static func of(
        _ source: any ByteSource, from start: UInt64, count: UInt64
    ) throws(FormatFault) -> any ByteSource {
        let range = ByteRange(source, from: start, count: count)
        guard source.isSequential, range.sizeBytes <= UInt64(Decompression.keptBytesMax) else { return range }
        return MemoryByteSource(try range.bytes(at: 0, count: Int(range.sizeBytes)))
    }

    /// - Parameter count: cut where the source ends.
    package init(_ source: any ByteSource, from start: UInt64, count: UInt64) {
        self.source = source
        self.start = min(start, source.sizeBytes)
        sizeBytes = min(count, source.sizeBytes - self.start)
    }

    package var isSequential: Bool { source.isSequential }

    package func read(
        at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer
    ) throws(ByteSourceFault) -> Int {
        guard offset < sizeBytes else { return 0 }
        let count = Int(min(UInt64(buffer.count), sizeBytes - offset))
        return try source.read(at: start + offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
    }
}
