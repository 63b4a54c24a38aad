/// How often each scale occurs among the blocks of a tensor.
///
/// Scales are stored in 16 bits or fewer, so that counting them is exact, needs one pass, and parts of a tensor can be
/// added up.
public struct ScaleCensus: Sendable, Hashable {
    /// Blocks that were counted.
    public fileprivate(set) var blocks: UInt64 = 0
    /// Blocks that are the same, byte for byte, as the block before them, and not zero.
    public fileprivate(set) var repeated: UInt64 = 0
    /// How often each code occurs; empty before the first.
    fileprivate var counts: [UInt32] = []

    static let codes = 1 << 16

    public init() {}

    public mutating func merge(_ other: ScaleCensus) {
        blocks += other.blocks
        repeated += other.repeated
        if counts.isEmpty {
            counts = other.counts
        } else if !other.counts.isEmpty {
            // A code cannot occur more often than UInt32 counts in a file that has fewer blocks; others saturate.
            for code in 0..<Self.codes where other.counts[code] != 0 {
                let (sum, overflow) = counts[code].addingReportingOverflow(other.counts[code])
                counts[code] = overflow ? UInt32.max : sum
            }
        }
    }

    /// What the scales say, for the type they were counted in.
    func summary(scale: (UInt16) -> Float) -> ScaleSummary? {
        var found: [(scale: Double, count: UInt64)] = []
        var invalid: UInt64 = 0
        for (code, count) in counts.enumerated() where count > 0 {
            let value = Double(scale(UInt16(code)))
            if value.isFinite { found.append((value, UInt64(count))) } else { invalid += UInt64(count) }
        }
        return ScaleSummary(found, invalid: invalid)
    }
}

/// What the scales of a tensor's blocks are.
public struct ScaleSummary: Sendable, Hashable {
    public let count: UInt64
    public let minimum: Double
    public let maximum: Double
    public let zeros: UInt64
    /// Scales that are NaN or infinite.
    public let invalid: UInt64
    /// Bits that a scale tells, when they are sorted into 64 equal bins between the least and the largest; 0 to 6.
    public let entropy: Double
    /// The largest magnitude divided by the smallest that is not zero; 1 without such.
    public let ratio: Double

    private static let bins = 64

    init?(_ found: [(scale: Double, count: UInt64)], invalid: UInt64) {
        guard let least = found.map(\.scale).min(), let most = found.map(\.scale).max() else {
            guard invalid > 0 else { return nil }
            (count, minimum, maximum, zeros, entropy, ratio) = (invalid, 0, 0, 0, 0, 1)
            self.invalid = invalid
            return
        }
        let finite = found.reduce(UInt64(0)) { $0 + $1.count }
        count = finite + invalid
        (minimum, maximum) = (least, most)
        self.invalid = invalid
        zeros = found.reduce(0) { $0 + ($1.scale == 0 ? $1.count : 0) }
        let magnitudes = found.map { abs($0.scale) }.filter { $0 > 0 }
        if let low = magnitudes.min(), let high = magnitudes.max() { ratio = high / low } else { ratio = 1 }
        entropy = Self.entropy(found, least, most, total: Double(finite))
    }

    private static func entropy(
        _ found: [(scale: Double, count: UInt64)], _ least: Double, _ most: Double, total: Double
    ) -> Double {
        let range = most - least
        guard range > 0 else { return 0 }
        var histogram = [UInt64](repeating: 0, count: bins)
        for (scale, count) in found {
            let bin = Int((Double(bins - 1) * (scale - least) / range).rounded(.down))
            histogram[min(max(bin, 0), bins - 1)] += count
        }
        return histogram.reduce(0) { sum, count in
            guard count > 0 else { return sum }
            let share = Double(count) / total
            return sum - share * Logarithm.base2(share)
        }
    }
}

/// How many zero codes of a half scale there are: plus and minus zero.
extension ScaledDecoder {
    /// Counts the scales of `blocks`, and blocks that repeat the one before.
    ///
    /// - Parameter previous: the block before the first, if there is one.
    static func count(
        _ source: UnsafePointer<UInt8>, blocks: Int, previous: UnsafePointer<UInt8>?, into census: inout ScaleCensus
    ) {
        if census.counts.isEmpty { census.counts = [UInt32](repeating: 0, count: ScaleCensus.codes) }
        var repeated = 0
        census.counts.withUnsafeMutableBufferPointer { counts in
            var last = previous
            for block in 0..<blocks {
                let from = source + block * bytes
                for index in 0..<scalesPerBlock { counts[Int(scaleCode(from, index))] &+= 1 }
                if let last, from.uint64(bytes - 8) == last.uint64(bytes - 8), isSame(from, last), !isZero(from) {
                    repeated += 1
                }
                last = from
            }
        }
        census.blocks += UInt64(blocks)
        census.repeated += UInt64(repeated)
    }

    @inline(__always)
    private static func isSame(_ left: UnsafePointer<UInt8>, _ right: UnsafePointer<UInt8>) -> Bool {
        for index in 0..<bytes where left[index] != right[index] { return false }
        return true
    }

    @inline(__always)
    private static func isZero(_ block: UnsafePointer<UInt8>) -> Bool {
        (0..<scalesPerBlock).allSatisfy { scale(of: scaleCode(block, $0)) == 0 }
    }
}
