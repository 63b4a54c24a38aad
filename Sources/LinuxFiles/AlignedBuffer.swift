/// Memory in whole pages, as writes past the page cache want it, filled from its beginning.
///
/// `@unchecked Sendable`: who has it fills it, hands it over to be written, and gets it back; never two at a time.
public final class AlignedBuffer: @unchecked Sendable {
    /// A multiple of what any file system asks of direct reads and writes.
    public static let alignment = 4_096

    /// How much there is room for.
    public let capacity: Int
    public private(set) var count = 0
    private let memory: UnsafeMutableRawBufferPointer

    /// - Parameter capacity: in bytes; rounded up to whole pages.
    public init(capacity: Int) {
        self.capacity = (max(capacity, 1) + Self.alignment - 1) / Self.alignment * Self.alignment
        memory = .allocate(byteCount: self.capacity, alignment: Self.alignment)
    }

    deinit { memory.deallocate() }

    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory[..<count])
    }

    /// Takes over as many of `bytes` as fit, and no more than `countMax` in all.
    ///
    /// - Returns: how many.
    public func append(_ bytes: UnsafeRawBufferPointer, upTo countMax: Int) -> Int {
        let taken = max(0, min(bytes.count, min(countMax, capacity) - count))
        guard taken > 0 else { return 0 }
        UnsafeMutableRawBufferPointer(rebasing: memory[count...])
            .copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<taken]))
        count += taken
        return taken
    }

    public func removeAll() {
        count = 0
    }

    /// Lets `fill` write into all of the memory and say how many bytes it wrote.
    fileprivate func refill(
        _ fill: (UnsafeMutableRawBufferPointer) throws(FileFault) -> Int
    ) throws(FileFault) -> Int {
        count = 0
        count = try fill(memory)
        return count
    }
}

extension FileDescriptor {
    /// Fills a buffer from `offset` on, past the page cache where that can be. Nobody else may use this open file
    /// meanwhile.
    ///
    /// - Returns: how many bytes there were; 0 at the end of the file.
    public func read(_ buffer: AlignedBuffer, at offset: Int64) throws(FileFault) -> Int {
        try buffer.refill { memory throws(FileFault) in
            if offset % Int64(AlignedBuffer.alignment) == 0, setDirect(true) {
                defer { setDirect(false) }
                if let count = readAligned(into: memory, at: offset) { return count }
            }
            return try read(into: memory, at: offset)
        }
    }

    /// Writes a buffer past the page cache where offset, length and file system allow it, else through it.
    ///
    /// For a file that nobody reads soon: nothing that others use is pushed out of memory, and no size-dependent work
    /// is left to a sync. Nobody else may use this open file meanwhile.
    public func write(_ buffer: AlignedBuffer, at offset: Int64) throws(FileFault) {
        let alignment = Int64(AlignedBuffer.alignment)
        guard offset % alignment == 0, Int64(buffer.count) % alignment == 0, buffer.count > 0, setDirect(true) else {
            return try write(buffer.bytes, at: offset)
        }
        defer { setDirect(false) }
        do throws(FileFault) {
            try write(buffer.bytes, at: offset)
        } catch {
            // EINVAL: this file system, or this file in it, only knows the cache.
            guard error.kind == .other || error.kind == .unsupported else { throw error }
            setDirect(false)
            try write(buffer.bytes, at: offset)
        }
    }
}
