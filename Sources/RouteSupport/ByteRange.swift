/// Which bytes of a representation a `Range` field asks for (RFC 9110 §14.1.2, §14.2).
///
/// One range is understood. A unit that we do not know, a set that is not well formed, and several ranges at a time are
/// answered with everything, which §14.2 allows.
package enum ByteRange: Sendable, Hashable {
    case whole
    /// Neither empty nor beyond the end.
    case part(Range<UInt64>)
    /// Begins behind the last byte.
    case unsatisfiable

    package init(_ field: String?, sizeBytes: UInt64) {
        guard let field, field.lowercased().hasPrefix("bytes=") else {
            self = .whole
            return
        }
        let bounds = field.dropFirst("bytes=".count).split(separator: "-", omittingEmptySubsequences: false)
        guard bounds.count == 2, bounds.allSatisfy(Self.isNumberOrNothing) else {
            self = .whole
            return
        }
        switch (bounds[0], bounds[1]) {
        case ("", ""): self = .whole
        case ("", let length): self = Self.last(Self.number(length), of: sizeBytes)
        case (let first, ""): self = Self.from(Self.number(first), through: .max, of: sizeBytes)
        case (let first, let last): self = Self.from(Self.number(first), through: Self.number(last), of: sizeBytes)
        }
    }

    private static func last(_ length: UInt64, of sizeBytes: UInt64) -> ByteRange {
        let count = min(length, sizeBytes)
        return count == 0 ? .unsatisfiable : .part(sizeBytes - count..<sizeBytes)
    }

    private static func from(_ first: UInt64, through last: UInt64, of sizeBytes: UInt64) -> ByteRange {
        guard first <= last else { return .whole }
        guard first < sizeBytes else { return .unsatisfiable }
        return .part(first..<min(last, sizeBytes - 1) + 1)
    }

    private static func isNumberOrNothing(_ text: Substring) -> Bool {
        text.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    }

    /// More than any file has counts as just that.
    private static func number(_ digits: Substring) -> UInt64 {
        UInt64(digits) ?? .max
    }
}
