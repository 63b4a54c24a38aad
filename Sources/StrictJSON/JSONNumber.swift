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
