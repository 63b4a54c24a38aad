public import Crypto

/// Hashes a file and each of its tensors in one pass over its bytes.
///
/// Feed it the file from the first byte to the last, in pieces of any size. Bytes of a tensor are hashed twice, for the
/// file and for the tensor. Tensors must not overlap: see `TensorTable.overlap`.
public struct TensorDigester {
    private let ranges: [Range<UInt64>]
    /// Indices of `ranges` in the order of the file.
    private let order: [Int]
    private var next = 0
    private var offset: UInt64 = 0
    private var file = SHA256()
    private var tensor = SHA256()
    private var digests: [SHA256Digest?]

    /// - Returns: `nil` if two tensors share a byte.
    public init?(_ table: TensorTable) {
        guard table.overlap == nil else { return nil }
        ranges = table.ranges
        order = table.indicesByOffset
        digests = Array(repeating: nil, count: ranges.count)
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        file.update(bufferPointer: bytes)
        let end = offset + UInt64(bytes.count)
        finishTensors(before: offset)
        while next < order.count {
            let range = ranges[order[next]]
            guard range.lowerBound < end else { break }
            let part = range.clamped(to: offset..<end)
            let slice = bytes[Int(part.lowerBound - offset)..<Int(part.upperBound - offset)]
            tensor.update(bufferPointer: UnsafeRawBufferPointer(rebasing: slice))
            guard range.upperBound <= end else { break }
            finishTensor()
        }
        offset = end
    }

    /// Empty tensors have nothing to wait for.
    private mutating func finishTensors(before position: UInt64) {
        while next < order.count, ranges[order[next]].isEmpty, ranges[order[next]].lowerBound <= position {
            finishTensor()
        }
    }

    private mutating func finishTensor() {
        digests[order[next]] = tensor.finalize()
        tensor = SHA256()
        next += 1
    }

    /// - Returns: `nil` if the bytes ended before the last tensor did.
    public mutating func finalize() -> (file: SHA256Digest, tensors: [SHA256Digest])? {
        finishTensors(before: offset)
        let complete = digests.compactMap(\.self)
        guard complete.count == digests.count else { return nil }
        return (file.finalize(), complete)
    }
}
