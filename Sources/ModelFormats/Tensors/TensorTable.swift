/// The tensors of a file whose every byte range has been proven to lie inside it.
///
/// A table says nothing about overlaps: readers report those, and `overlap` finds them again for a table that came from
/// somewhere else.
public struct TensorTable: Sendable, Hashable {
    /// The most tensors that any reader accepts, and the most names they may have between them in bytes.
    public static let tensorCountMax = 100_000
    public static let namesBytesMax = 16 << 20
    public static let nameBytesMax = 1024

    /// Absolute offset of the data section.
    public let dataStart: UInt64
    /// Tensors in the order of the header.
    public let entries: [TensorEntry]
    /// The size that the ranges were proven against.
    public let fileSizeBytes: UInt64

    /// - Throws: the index of the first entry whose range does not lie inside the file.
    public init(dataStart: UInt64, entries: [TensorEntry], fileSizeBytes: UInt64) throws(TensorTableFault) {
        guard dataStart <= fileSizeBytes else { throw .dataStartOutside }
        let room = fileSizeBytes - dataStart
        for (index, entry) in entries.enumerated() {
            guard entry.offset <= room, entry.sizeBytes <= room - entry.offset else { throw .entryOutside(index) }
        }
        self.dataStart = dataStart
        self.entries = entries
        self.fileSizeBytes = fileSizeBytes
    }

    /// Absolute byte ranges, in the order of `entries`. They lie inside the file.
    public var ranges: [Range<UInt64>] { entries.map(range) }

    /// The absolute byte range of one of this table's own entries.
    public func range(of entry: TensorEntry) -> Range<UInt64> {
        // Neither sum can overflow: `init` has compared them with the file's size.
        let start = dataStart &+ entry.offset
        return start..<start &+ entry.sizeBytes
    }

    /// Indices of entries by where they begin, and where that is equal, by where they end.
    public var indicesByOffset: [Int] {
        entries.indices.sorted { left, right in
            let (first, second) = (entries[left], entries[right])
            return (first.offset, first.sizeBytes, left) < (second.offset, second.sizeBytes, right)
        }
    }

    /// Two entries that share a byte, if there are any. O(n log n).
    public var overlap: (Int, Int)? {
        var previous: (index: Int, end: UInt64)?
        for index in indicesByOffset where entries[index].sizeBytes > 0 {
            let entry = entries[index]
            if let previous, entry.offset < previous.end { return (previous.index, index) }
            previous = (index, entry.offset &+ entry.sizeBytes)
        }
        return nil
    }

    /// Elements of all tensors together, wrapping as the existing tool's sum does.
    public var parameterCount: UInt64 { entries.reduce(0) { $0 &+ $1.elementCount } }
}

public enum TensorTableFault: Error, Sendable, Hashable {
    case dataStartOutside
    case entryOutside(Int)
}
