/// An instant in UTC, in whole milliseconds since 1970-01-01T00:00:00Z, between the years 0 and 9999.
public struct Timestamp: Sendable, Hashable, Comparable {
    public let milliseconds: Int64

    public static let earliest = Timestamp(clamping: -62_167_219_200_000)
    public static let latest = Timestamp(clamping: 253_402_300_799_999)

    /// A number out of range becomes the nearest one in range: a broken clock must not stop a revocation.
    public init(clamping milliseconds: Int64) {
        self.milliseconds = min(max(milliseconds, -62_167_219_200_000), 253_402_300_799_999)
    }

    public static func < (left: Timestamp, right: Timestamp) -> Bool { left.milliseconds < right.milliseconds }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 with milliseconds and `Z`: `2026-11-21T10:48:13.000Z`.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(24)
        appendText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the characters of `description`.
    public func appendText(to text: inout [UInt8]) {
        let (days, inDay) = milliseconds.flooredQuotientAndRemainder(dividingBy: 86_400_000)
        let date = CivilDate(daysSinceEpoch: days)
        let second = inDay / 1_000
        Self.append(date.year, 4, to: &text)
        Self.append(date.month, 2, after: "-", to: &text)
        Self.append(date.day, 2, after: "-", to: &text)
        Self.append(second / 3_600, 2, after: "T", to: &text)
        Self.append(second / 60 % 60, 2, after: ":", to: &text)
        Self.append(second % 60, 2, after: ":", to: &text)
        Self.append(inDay % 1_000, 3, after: ".", to: &text)
        text.append(UInt8(ascii: "Z"))
    }

    /// Reads RFC 3339 with `Z` or a numeric offset; fractions beyond milliseconds are cut off.
    public init?(parsing text: String) {
        let bytes = Array(text.utf8)
        guard bytes.count >= 20, bytes.count <= 40,
            let year = Self.number(bytes, 0, 4), bytes[4] == UInt8(ascii: "-"),
            let month = Self.number(bytes, 5, 2), bytes[7] == UInt8(ascii: "-"),
            let day = Self.number(bytes, 8, 2), bytes[10] | 0x20 == UInt8(ascii: "t"),
            let hour = Self.number(bytes, 11, 2), bytes[13] == UInt8(ascii: ":"),
            let minute = Self.number(bytes, 14, 2), bytes[16] == UInt8(ascii: ":"),
            let second = Self.number(bytes, 17, 2),
            (1...12).contains(month), day >= 1, day <= CivilDate.days(inMonth: month, of: year),
            hour < 24, minute < 60, second <= 60
        else { return nil }
        var position = 19
        var fraction: Int64 = 0
        if bytes[position] == UInt8(ascii: ".") {
            position += 1
            let start = position
            while position < bytes.count, let digit = Self.number(bytes, position, 1) {
                if position - start < 3 { fraction = fraction * 10 + digit }
                position += 1
            }
            guard position > start else { return nil }
            for _ in 0..<max(0, 3 - (position - start)) { fraction *= 10 }
        }
        guard let offset = Self.offsetSeconds(bytes[position...]) else { return nil }
        let days = CivilDate(year: year, month: month, day: day).daysSinceEpoch
        let seconds = days * 86_400 + hour * 3_600 + minute * 60 + min(second, 59) - offset
        self.init(clamping: seconds * 1_000 + fraction)
    }

    private static func offsetSeconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
        let zone = Array(bytes)
        if zone.count == 1 { return zone[0] | 0x20 == UInt8(ascii: "z") ? 0 : nil }
        guard zone.count == 6, zone[3] == UInt8(ascii: ":"), let hours = number(zone, 1, 2), hours < 24,
            let minutes = number(zone, 4, 2), minutes < 60
        else { return nil }
        switch zone[0] {
        case UInt8(ascii: "+"): return hours * 3_600 + minutes * 60
        case UInt8(ascii: "-"): return -(hours * 3_600 + minutes * 60)
        default: return nil
        }
    }

    private static func number(_ bytes: [UInt8], _ start: Int, _ length: Int) -> Int64? {
        guard start + length <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[start..<start + length] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return value
    }

    /// Appends a number that has no more digits than `width`.
    private static func append(
        _ value: Int64, _ width: Int, after separator: Unicode.Scalar? = nil, to text: inout [UInt8]
    ) {
        if let separator { text.append(UInt8(ascii: separator)) }
        var unit: Int64 = 1
        for _ in 1..<width { unit *= 10 }
        while unit > 0 {
            text.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: value / unit % 10))
            unit /= 10
        }
    }
}

/// A day of the proleptic Gregorian calendar. Algorithms: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
private struct CivilDate {
    var year: Int64
    var month: Int64
    var day: Int64

    init(year: Int64, month: Int64, day: Int64) {
        self.year = year
        self.month = month
        self.day = day
    }

    init(daysSinceEpoch days: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredQuotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let shifted = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * shifted + 2) / 5 + 1
        month = shifted < 10 ? shifted + 3 : shifted - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    var daysSinceEpoch: Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shiftedYear.flooredQuotientAndRemainder(dividingBy: 400)
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}

extension Int64 {
    fileprivate func flooredQuotientAndRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
