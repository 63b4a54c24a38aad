/// A moment to the second, in UTC, as metadata writes it: `2026-11-22T13:30:00Z` (TUF 4.2.1).
public struct MetadataTime: Sendable, Hashable, Comparable {
    /// Seconds since 1970, leap seconds not counted.
    public let secondsSince1970: Int64

    /// A number outside of the years 0 to 9999 becomes the nearest one inside: a broken clock must not stop us.
    public init(clamping seconds: Int64) {
        secondsSince1970 = min(max(seconds, -62_167_219_200), 253_402_300_799)
    }

    public static func < (left: MetadataTime, right: MetadataTime) -> Bool {
        left.secondsSince1970 < right.secondsSince1970
    }

    /// - Returns: `nil` for every other form, also of RFC 3339, and for days that no calendar has.
    public init?(parsing text: String) {
        let bytes = Array(text.utf8.prefix(21))
        guard bytes.count == 20, Self.separators.allSatisfy({ bytes[$0.offset] == $0.byte }),
            let year = Self.number(bytes[0..<4]), let month = Self.number(bytes[5..<7]),
            let day = Self.number(bytes[8..<10]), let hour = Self.number(bytes[11..<13]),
            let minute = Self.number(bytes[14..<16]), let second = Self.number(bytes[17..<19]),
            (1...12).contains(month), (1...Self.days(inMonth: month, of: year)).contains(day),
            hour < 24, minute < 60, second < 60
        else { return nil }
        let days = Self.days(before: year, month) + day - 1
        secondsSince1970 = ((days * 24 + hour) * 60 + minute) * 60 + second
    }

    private static let separators: [(offset: Int, byte: UInt8)] = [
        (4, UInt8(ascii: "-")), (7, UInt8(ascii: "-")), (10, UInt8(ascii: "T")), (13, UInt8(ascii: ":")),
        (16, UInt8(ascii: ":")), (19, UInt8(ascii: "Z")),
    ]

    /// At most four digits.
    private static func number(_ digits: ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        for digit in digits {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            value = value * 10 + Int64(digit - UInt8(ascii: "0"))
        }
        return value
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    /// Days from 1970 to the first of a month, by years that begin in March, so that leap days come last in them.
    private static func days(before year: Int64, _ month: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }
}

extension MetadataTime: CustomStringConvertible {
    public var description: String {
        let (days, inDay) = secondsSince1970.flooredQuotientAndRemainder(dividingBy: 86_400)
        let shifted = days + 719_468
        let (era, dayOfEra) = shifted.flooredQuotientAndRemainder(dividingBy: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let part = (5 * dayOfYear + 2) / 153
        let month = part < 10 ? part + 3 : part - 9
        let year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
        let date = [(year, 4), (month, 2), (dayOfYear - (153 * part + 2) / 5 + 1, 2)].map(Self.padded)
        let time = [(inDay / 3_600, 2), (inDay / 60 % 60, 2), (inDay % 60, 2)].map(Self.padded)
        return date.joined(separator: "-") + "T" + time.joined(separator: ":") + "Z"
    }

    private static func padded(_ number: Int64, _ width: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, width - text.count)) + text
    }
}

extension Int64 {
    fileprivate func flooredQuotientAndRemainder(dividingBy divisor: Int64) -> (Int64, Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
