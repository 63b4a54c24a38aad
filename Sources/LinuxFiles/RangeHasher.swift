import Crypto

/// SHA-256 of parts of a stream of bytes that arrives in order.
///
/// Parts that do not overlap cost what the stream costs. Where parts overlap, each is hashed for itself, within the
/// request's limits.
struct RangeHasher {
    private struct Open {
        let index: Int
        let end: Int64
        var hash = SHA256()
    }

    private let ranges: [ByteRange]
    /// Indices of `ranges`, by offset.
    private let order: [Int]
    private let overlappingMax: Int
    private var next = 0
    private var open: [Open] = []
    private(set) var digests: [[UInt8]]

    /// - Throws: `.limitExceeded` when the ranges break a limit or reach beyond `size`.
    init(_ ranges: [ByteRange], size: Int64, limits: HashRequest.Limits) throws(FileFault) {
        var total: Int64 = 0
        let (totalMax, isUnlimited) = size.multipliedReportingOverflow(by: limits.overlapFactorMax)
        for range in ranges {
            let (sum, overflow) = total.addingReportingOverflow(range.length)
            guard !overflow, isUnlimited || sum <= totalMax, range.end <= size else {
                throw FileFault(.hash, .limitExceeded)
            }
            total = sum
        }
        guard ranges.count <= limits.rangesMax else { throw FileFault(.hash, .limitExceeded) }
        self.ranges = ranges
        order = ranges.indices.sorted { (ranges[$0].offset, $0) < (ranges[$1].offset, $1) }
        overlappingMax = limits.overlappingRangesMax
        digests = Array(repeating: [], count: ranges.count)
    }

    /// Hashes the next bytes of the stream, which start at `offset`.
    mutating func update(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFault) {
        let end = offset + Int64(bytes.count)
        for index in open.indices {
            let count = Int(min(open[index].end, end) - offset)
            open[index].hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[..<count]))
        }
        closeFinished(at: end)
        while next < order.count, ranges[order[next]].offset < end {
            let index = order[next]
            next += 1
            let range = ranges[index]
            guard range.length > 0 else { continue }
            var part = Open(index: index, end: range.end)
            let first = Int(range.offset - offset)
            let last = Int(min(range.end, end) - offset)
            part.hash.update(bufferPointer: UnsafeRawBufferPointer(rebasing: bytes[first..<last]))
            if part.end <= end {
                digests[index] = Array(part.hash.finalize())
            } else {
                guard open.count < overlappingMax else { throw FileFault(.hash, .limitExceeded) }
                open.append(part)
            }
        }
    }

    /// The digests, once all bytes have been passed.
    mutating func finish() -> [[UInt8]] {
        for index in ranges.indices where ranges[index].length == 0 {
            digests[index] = Array(SHA256().finalize())
        }
        return digests
    }

    private mutating func closeFinished(at end: Int64) {
        guard open.contains(where: { $0.end <= end }) else { return }
        for part in open where part.end <= end {
            digests[part.index] = Array(part.hash.finalize())
        }
        open.removeAll { $0.end <= end }
    }
}
