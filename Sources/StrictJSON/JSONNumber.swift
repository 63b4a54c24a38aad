/// A JSON number, kept as it is written.
///
/// Keeping the text means that nothing is rounded on the way in or out; whoever needs a machine number asks for the one
/// that fits and hears `nil` when it would not be exact.
public struct JSONNumber: Sendable, Hashable {
    /// The number as RFC 8259 section 6 writes it: no leading zeros, no sign but minus.
    public let text: String

    /// For text that has been matched with the grammar.
    package init(scanned text: String) {
        self.text = text
    }

    public init(_ value: some FixedWidthInteger) {
        text = String(value)
    }

    /// Shortest text that reads back as the same value; `nil` for infinities and not-a-number, which JSON cannot write.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        text = value.description
    }

    /// The value, if it is written without fraction and exponent and fits.
    public var int64: Int64? {
        Int64(text)
    }

    /// The value, if it is written without fraction and exponent and fits. `-0` is zero.
    public var uint64: UInt64? {
        UInt64(text)
    }

    /// The nearest value, or `nil` when its magnitude is too large for a `Double`.
    public var double: Double? {
        Double(text).flatMap { $0.isFinite ? $0 : nil }
    }
}

extension JSONNumber {
    /// Where the number that begins at `start` ends, by the grammar of RFC 8259 section 6; `nil` if there is none, or
    /// if a digit follows it.
    static func end(in bytes: Span<UInt8>, from start: Int) -> Int? {
        var index = start
        if byte(bytes, index) == UInt8(ascii: "-") { index += 1 }
        if byte(bytes, index) == UInt8(ascii: "0") {
            index += 1
        } else if !skipDigits(bytes, &index) {
            return nil
        }
        if byte(bytes, index) == UInt8(ascii: ".") {
            index += 1
            guard skipDigits(bytes, &index) else { return nil }
        }
        if byte(bytes, index) | 0x20 == UInt8(ascii: "e") {
            index += 1
            if byte(bytes, index) == UInt8(ascii: "+") || byte(bytes, index) == UInt8(ascii: "-") { index += 1 }
            guard skipDigits(bytes, &index) else { return nil }
        }
        return isDigit(byte(bytes, index)) ? nil : index
    }

    /// The byte there, 0 behind the end.
    private static func byte(_ bytes: Span<UInt8>, _ index: Int) -> UInt8 {
        index < bytes.count ? bytes[index] : 0
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }

    /// - Returns: whether there was a digit.
    private static func skipDigits(_ bytes: Span<UInt8>, _ index: inout Int) -> Bool {
        let first = index
        while isDigit(byte(bytes, index)) { index += 1 }
        return index > first
    }
}
