/// A value of the part of Python that NumPy headers are written in.
enum PythonLiteral: Hashable {
    case text([UInt8])
    case integer(UInt64)
    case boolean(Bool)
    case none
    case tuple([PythonLiteral])
    case list([PythonLiteral])
    case dictionary([Entry])

    struct Entry: Hashable {
        let key: [UInt8]
        let value: PythonLiteral
    }
}

/// Reads such a value. This is a grammar of its own: no expression, no call, no name but True, False and None.
struct PythonLiteralParser {
    private let bytes: [UInt8]
    private let limits: NumPyLimits
    private var index = 0
    private var valuesLeft: Int

    init(_ bytes: [UInt8], limits: NumPyLimits) {
        self.bytes = bytes
        self.limits = limits
        valuesLeft = limits.fieldsMax * 8
    }

    /// - Returns: the value; `nil` unless it is all that there is.
    static func parse(_ bytes: [UInt8], limits: NumPyLimits) -> PythonLiteral? {
        var parser = PythonLiteralParser(bytes, limits: limits)
        guard let value = parser.value(depth: 0) else { return nil }
        parser.skipSpace()
        return parser.index == bytes.count ? value : nil
    }

    private var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D { index += 1 }
    }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        skipSpace()
        guard next == UInt8(ascii: byte) else { return false }
        index += 1
        return true
    }

    private mutating func value(depth: Int) -> PythonLiteral? {
        valuesLeft -= 1
        guard depth < limits.depthMax, valuesLeft > 0 else { return nil }
        skipSpace()
        switch next.map({ Unicode.Scalar($0) }) {
        case "{": return dictionary(depth: depth)
        case "[": return sequence("[", "]", depth: depth).map { .list($0.items) }
        case "(":
            guard let (items, isTuple) = sequence("(", ")", depth: depth) else { return nil }
            // Parentheses around one value are not a tuple.
            return isTuple || items.isEmpty ? .tuple(items) : items.first
        case "'", "\"": return text().map(PythonLiteral.text)
        case "u", "b":
            index += 1
            return text().map(PythonLiteral.text)
        case .some("0"..."9"): return integer()
        case "T": return word("True", .boolean(true))
        case "F": return word("False", .boolean(false))
        case "N": return word("None", .none)
        default: return nil
        }
    }

    private mutating func word(_ text: String, _ value: PythonLiteral) -> PythonLiteral? {
        guard bytes[index...].starts(with: text.utf8) else { return nil }
        index += text.utf8.count
        return value
    }

    /// Decimal digits; Python 2 wrote an L behind them.
    private mutating func integer() -> PythonLiteral? {
        let digits = bytes[index...].prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        guard digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
        guard let number = UInt64(String(decoding: digits, as: UTF8.self)) else { return nil }
        index += digits.count
        if next == UInt8(ascii: "L") { index += 1 }
        return .integer(number)
    }

    private mutating func text() -> [UInt8]? {
        guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else { return nil }
        index += 1
        var text: [UInt8] = []
        while let byte = next {
            index += 1
            if byte == quote { return text }
            guard byte != 0x0A else { return nil }
            text.append(byte)
            // The character behind a backslash does not end the text. What it stands for does not matter here.
            if byte == UInt8(ascii: "\\"), let escaped = next {
                text.append(escaped)
                index += 1
            }
        }
        return nil
    }

    private mutating func sequence(
        _ open: Unicode.Scalar, _ close: Unicode.Scalar, depth: Int
    ) -> (items: [PythonLiteral], endsInComma: Bool)? {
        guard take(open) else { return nil }
        var items: [PythonLiteral] = []
        var hasComma = false
        while !take(close) {
            guard items.isEmpty || hasComma, let item = value(depth: depth + 1) else { return nil }
            items.append(item)
            hasComma = take(",")
        }
        return (items, hasComma || items.count > 1)
    }

    private mutating func dictionary(depth: Int) -> PythonLiteral? {
        guard take("{") else { return nil }
        var entries: [PythonLiteral.Entry] = []
        var hasComma = true
        while !take("}") {
            guard hasComma, case .text(let key)? = value(depth: depth + 1), take(":"),
                let value = value(depth: depth + 1)
            else { return nil }
            entries.append(.init(key: key, value: value))
            hasComma = take(",")
        }
        return .dictionary(entries)
    }
}
