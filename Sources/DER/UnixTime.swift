/// An instant in UTC, as certificates, logs and timestamps tell it: between the years 0 and 9999.
public struct UnixTime: Sendable, Hashable, Comparable {
    /// Whole seconds since 1970-01-01T00:00:00Z.
    public let seconds: Int64

    /// From 0 to 999,999,999, added to the seconds.
    public let nanoseconds: Int32

    public static let secondsRange: ClosedRange<Int64> = -62_167_219_200...253_402_300_799

    /// `nil` outside of the years 0 to 9999.
    public init?(seconds: Int64, nanoseconds: Int32 = 0) {
        guard Self.secondsRange.contains(seconds), (0..<1_000_000_000).contains(nanoseconds) else { return nil }
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    /// `nil` after the year 9999.
    public init?(milliseconds: UInt64) {
        guard let seconds = Int64(exactly: milliseconds / 1_000) else { return nil }
        self.init(seconds: seconds, nanoseconds: Int32(milliseconds % 1_000) * 1_000_000)
    }

    public static func < (left: UnixTime, right: UnixTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }

    /// UTCTime `YYMMDDHHMMSSZ`, or GeneralizedTime `YYYYMMDDHHMMSS[.f]Z` (RFC 5280 section 4.1.2.5, RFC 3161 section
    /// 2.4.2).
    init?(der element: DERElement) {
        var digits = TimeDigits(element.content)
        let year: Int64
        switch element.tag {
        case .utcTime:
            guard let short = digits.number(2) else { return nil }
            year = short >= 50 ? 1900 + short : 2000 + short
        case .generalizedTime:
            guard let long = digits.number(4) else { return nil }
            year = long
        default: return nil
        }
        guard let month = digits.number(2), let day = digits.number(2), let hour = digits.number(2),
            let minute = digits.number(2), let second = digits.number(2)
        else { return nil }
        var fraction: Int32? = 0
        if element.tag == .generalizedTime, digits.take(".") { fraction = digits.fraction(mayEndInZero: false) }
        guard let fraction, digits.take("Z"), digits.isAtEnd else { return nil }
        self.init(CivilTime(year, month, day, hour, minute, second), nanoseconds: fraction)
    }

    /// RFC 3339 with `Z` or a numeric offset; digits beyond nanoseconds are cut off.
    public init?(rfc3339 text: String) {
        var digits = TimeDigits(ArraySlice(text.utf8.prefix(Self.textBytesMax + 1)))
        guard text.utf8.count <= Self.textBytesMax,
            let year = digits.number(4), digits.take("-"), let month = digits.number(2), digits.take("-"),
            let day = digits.number(2), digits.take("T") || digits.take("t"),
            let hour = digits.number(2), digits.take(":"), let minute = digits.number(2), digits.take(":"),
            let second = digits.number(2)
        else { return nil }
        var fraction: Int32? = 0
        if digits.take(".") { fraction = digits.fraction(mayEndInZero: true) }
        guard let fraction, let offset = digits.offsetSeconds(), digits.isAtEnd else { return nil }
        self.init(CivilTime(year, month, day, hour, minute, second), nanoseconds: fraction, offset: offset)
    }

    private init?(_ civil: CivilTime, nanoseconds: Int32, offset: Int64 = 0) {
        guard let seconds = civil.secondsSinceEpoch else { return nil }
        self.init(seconds: seconds - offset, nanoseconds: nanoseconds)
    }

    private static let textBytesMax = 40
}

extension UnixTime: CustomStringConvertible {
    /// RFC 3339 with `Z`; a fraction only if there is one.
    public var description: String {
        let (days, inDay) = seconds.flooredDivision(by: 86_400)
        let (year, month, day) = CivilTime.date(daysSinceEpoch: days)
        let date = "\(Self.digits(year, 4))-\(Self.digits(month, 2))-\(Self.digits(day, 2))"
        let hours = Self.digits(inDay / 3_600, 2)
        let time = "\(hours):\(Self.digits(inDay / 60 % 60, 2)):\(Self.digits(inDay % 60, 2))"
        var fraction = ""
        if nanoseconds > 0 {
            fraction = "." + Self.digits(Int64(nanoseconds), 9)
            while fraction.hasSuffix("0") { fraction.removeLast() }
        }
        return "\(date)T\(time)\(fraction)Z"
    }

    private static func digits(_ value: Int64, _ width: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, width - text.utf8.count)) + text
    }
}
