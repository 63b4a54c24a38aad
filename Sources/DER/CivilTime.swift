/// Date and time of day of the proleptic Gregorian calendar, in UTC.
/// Algorithms: H. Hinnant, "chrono-Compatible Low-Level Date Algorithms".
struct CivilTime {
    private let year, month, day, hour, minute, second: Int64

    /// Fields with few digits, which cannot overflow.
    init(_ year: Int64, _ month: Int64, _ day: Int64, _ hour: Int64, _ minute: Int64, _ second: Int64) {
        (self.year, self.month, self.day) = (year, month, day)
        (self.hour, self.minute, self.second) = (hour, minute, second)
    }

    /// `nil` if there is no such day or time; a leap second is none either.
    var secondsSinceEpoch: Int64? {
        guard (1...12).contains(month), day >= 1, day <= Self.days(inMonth: month, of: year) else { return nil }
        guard hour < 24, minute < 60, second < 60 else { return nil }
        return daysSinceEpoch * 86_400 + hour * 3_600 + minute * 60 + second
    }

    private static func days(inMonth month: Int64, of year: Int64) -> Int64 {
        switch month {
        case 2: year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400)) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }

    private var daysSinceEpoch: Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shifted.flooredDivision(by: 400)
        let monthFromMarch = (month + 9) % 12
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }

    static func date(daysSinceEpoch days: Int64) -> (year: Int64, month: Int64, day: Int64) {
        let (era, dayOfEra) = (days + 719_468).flooredDivision(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
    }
}

extension Int64 {
    /// Quotient towards minus infinity and a remainder that is never negative; for positive divisors.
    func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

/// Takes digits and separators of a time, one field after another.
struct TimeDigits {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        rest = bytes
    }

    var isAtEnd: Bool { rest.isEmpty }

    /// Exactly `width` decimal digits; at most four are asked for.
    mutating func number(_ width: Int) -> Int64? {
        let field = rest.prefix(width)
        guard field.count == width else { return nil }
        var value: Int64 = 0
        for byte in field {
            guard let digit = Self.digit(byte) else { return nil }
            value = value * 10 + Int64(digit)
        }
        rest = rest.dropFirst(width)
        return value
    }

    mutating func take(_ separator: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: separator) else { return false }
        rest = rest.dropFirst()
        return true
    }

    /// Nanoseconds. DER forbids zeros at the end (X.690 section 11.7.3).
    mutating func fraction(mayEndInZero: Bool) -> Int32? {
        var value: Int32 = 0
        var count = 0
        var last: UInt8?
        while let byte = rest.first, let digit = Self.digit(byte) {
            if count < 9 { value = value * 10 + Int32(digit) }
            count += 1
            last = byte
            rest = rest.dropFirst()
        }
        guard let last, mayEndInZero || last != UInt8(ascii: "0") else { return nil }
        for _ in 0..<max(0, 9 - count) { value *= 10 }
        return value
    }

    /// `Z`, or hours and minutes with a sign.
    mutating func offsetSeconds() -> Int64? {
        if take("Z") || take("z") { return 0 }
        let sign: Int64 = take("+") ? 1 : take("-") ? -1 : 0
        guard sign != 0, let hours = number(2), hours < 24, take(":"), let minutes = number(2), minutes < 60 else {
            return nil
        }
        return sign * (hours * 3_600 + minutes * 60)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? byte - UInt8(ascii: "0") : nil
    }
}
