/// Which bytes of an upload are there, where they come in any order.
///
/// The text is that of `Range` in distribution-spec 1.1, "Pushing a blob in chunks", several with commas between:
/// `0-1023,2048-4095`, both ends included.
public struct UploadRanges: Sendable, Hashable, CustomStringConvertible {
    /// In order; none are empty, and none overlap or touch.
    public private(set) var ranges: [Range<UInt64>] = []

    public init() {}

    /// - Returns: `nil` for anything but ranges in order with gaps between, and for more than `countMax` of them. No
    ///   text has no ranges.
    public init?(parsing text: String, countMax: Int) {
        let parts = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: !text.contains(","))
        guard parts.count <= countMax else { return nil }
        for part in parts {
            let ends = part.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
            guard ends.count == 2, let first = Self.number(ends[0]), let last = Self.number(ends[1]), first <= last,
                last < .max, ranges.last.map({ $0.upperBound < first }) ?? true
            else { return nil }
            ranges.append(first..<last + 1)
        }
    }

    /// Digits alone: no sign, and no space.
    private static func number(_ text: Substring.UTF8View) -> UInt64? {
        guard text.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { return nil }
        return UInt64(Substring(text))
    }

    public var description: String {
        ranges.map { "\($0.lowerBound)-\($0.upperBound - 1)" }.joined(separator: ",")
    }

    public mutating func insert(_ range: Range<UInt64>) {
        guard !range.isEmpty else { return }
        let start = ranges.firstIndex { $0.upperBound >= range.lowerBound } ?? ranges.endIndex
        let end = ranges[start...].firstIndex { $0.lowerBound > range.upperBound } ?? ranges.endIndex
        var whole = range
        for met in ranges[start..<end] {
            whole = min(whole.lowerBound, met.lowerBound)..<max(whole.upperBound, met.upperBound)
        }
        ranges.replaceSubrange(start..<end, with: [whole])
    }

    /// What of `range` is not there, in order.
    public func missing(in range: Range<UInt64>) -> [Range<UInt64>] {
        var gaps: [Range<UInt64>] = []
        var next = range.lowerBound
        for present in ranges where present.overlaps(range) {
            if present.lowerBound > next { gaps.append(next..<present.lowerBound) }
            next = present.upperBound
        }
        if next < range.upperBound { gaps.append(next..<range.upperBound) }
        return gaps
    }

    /// How many bytes are there from the first one on, without a gap.
    public var prefixBytes: UInt64 {
        guard let first = ranges.first, first.lowerBound == 0 else { return 0 }
        return first.upperBound
    }

    public var byteCount: UInt64 {
        ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
    }

    /// Whether one of them ends where `offset` is, so that bytes from there on make no further range.
    public func ends(at offset: UInt64) -> Bool {
        ranges.contains { $0.upperBound == offset }
    }
}
