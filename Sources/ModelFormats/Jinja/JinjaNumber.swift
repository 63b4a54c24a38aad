/// Numbers as Jinja's lexer cuts them (`integer_re` and `float_re`): where one ends, a name may follow at once.
enum JinjaNumber {
    /// The number that begins at `start` with a digit.
    ///
    /// - Returns: its end, and whether it is a float.
    static func end(_ bytes: [UInt8], at start: Int) -> (end: Int, isFloat: Bool) {
        // Behind a dot there are only integers: `a.1.5` is two subscripts.
        if start == 0 || bytes[start - 1] != UInt8(ascii: "."), let end = float(bytes, at: start) { return (end, true) }
        return (integer(bytes, at: start), false)
    }

    private static func float(_ bytes: [UInt8], at start: Int) -> Int? {
        guard let whole = digits(bytes, from: start, isDecimal) else { return nil }
        var end = whole
        if byte(bytes, end) == UInt8(ascii: "."), let fraction = digits(bytes, from: end + 1, isDecimal) {
            end = fraction
        }
        if let mark = byte(bytes, end), mark | 0x20 == UInt8(ascii: "e") {
            var exponent = end + 1
            if let sign = byte(bytes, exponent), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                exponent += 1
            }
            if let after = digits(bytes, from: exponent, isDecimal) { end = after }
        }
        return end > whole ? end : nil
    }

    private static func integer(_ bytes: [UInt8], at start: Int) -> Int {
        if bytes[start] == UInt8(ascii: "0") {
            let prefixed: Int? =
                switch byte(bytes, start + 1).map({ $0 | 0x20 }) {
                case UInt8(ascii: "b"): digits(bytes, from: start + 2, mayStartWithUnderscore: true) { $0 | 1 == 0x31 }
                case UInt8(ascii: "o"):
                    digits(bytes, from: start + 2, mayStartWithUnderscore: true) { $0 & 0xF8 == 0x30 }
                case UInt8(ascii: "x"): digits(bytes, from: start + 2, mayStartWithUnderscore: true, isHexadecimal)
                default: nil
                }
            return prefixed ?? digits(bytes, from: start) { $0 == UInt8(ascii: "0") } ?? start + 1
        }
        return digits(bytes, from: start, isDecimal) ?? start + 1
    }

    private static func byte(_ bytes: [UInt8], _ index: Int) -> UInt8? {
        index < bytes.count ? bytes[index] : nil
    }

    private static func isDecimal(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        isDecimal(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }

    /// Digits with single underscores between them. `nil` if there is none.
    private static func digits(
        _ bytes: [UInt8], from start: Int, mayStartWithUnderscore: Bool = false, _ isDigit: (UInt8) -> Bool
    ) -> Int? {
        var end = start
        while let next = byte(bytes, end) {
            let isUnderscore = next == UInt8(ascii: "_") && (end > start || mayStartWithUnderscore)
            let digit = isUnderscore ? end + 1 : end
            guard let found = byte(bytes, digit), isDigit(found) else { break }
            end = digit + 1
        }
        return end > start ? end : nil
    }
}
