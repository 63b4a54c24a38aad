/// Elements of arrays that say nothing by themselves. Large files are large because of them.
extension JSONInput {
    /// Moves past commas with such elements behind them, as far as they lie in one chunk.
    ///
    /// - Parameters:
    ///   - stringBytesMax: bytes of one string; `nil` if strings say something.
    ///   - mayOpen: whether an object or an array may be opened here.
    mutating func skipPlainElements(numberBytesMax: Int, stringBytesMax: Int?, mayOpen: Bool) {
        position = endOfPlainElements(
            numberBytesMax: numberBytesMax, stringBytesMax: stringBytesMax, mayOpen: mayOpen)
    }

    private func endOfPlainElements(numberBytesMax: Int, stringBytesMax: Int?, mayOpen: Bool) -> Int {
        let bytes = chunk.span
        var end = position
        while true {
            let comma = Self.endOfWhitespace(bytes, from: end)
            guard comma < bytes.count, bytes[comma] == UInt8(ascii: ",") else { return end }
            let start = Self.endOfWhitespace(bytes, from: comma + 1)
            guard start < bytes.count else { return end }
            let next: Int?
            switch bytes[start] {
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                next = Self.endOfNumber(bytes, from: start, bytesMax: numberBytesMax)
            case UInt8(ascii: "\""):
                next = stringBytesMax.flatMap { Self.endOfString(bytes, from: start, bytesMax: $0) }
            case let byte: next = Self.endOfWord(bytes, from: start, byte, mayOpen: mayOpen)
            }
            guard let next else { return end }
            end = next
        }
    }

    private static func endOfWhitespace(_ bytes: Span<UInt8>, from start: Int) -> Int {
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09: index += 1
            default: return index
            }
        }
        return index
    }

    // What follows is `nil` for other elements, and for those that may go on in the next chunk.

    private static func endOfNumber(_ bytes: Span<UInt8>, from start: Int, bytesMax: Int) -> Int? {
        guard let end = JSONNumber.end(in: bytes, from: start), end < bytes.count, end - start <= bytesMax else {
            return nil
        }
        return end
    }

    private static func endOfString(_ bytes: Span<UInt8>, from start: Int, bytesMax: Int) -> Int? {
        var index = start + 1
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\""): return index - start - 1 <= bytesMax ? index + 1 : nil
            case 0..<0x20, UInt8(ascii: "\\"), UInt8(ascii: "{"), 0x80...: return nil
            default: index += 1
            }
        }
        return nil
    }

    private static func endOfWord(_ bytes: Span<UInt8>, from start: Int, _ first: UInt8, mayOpen: Bool) -> Int? {
        switch first {
        case UInt8(ascii: "{"): mayOpen ? end(of: "{}", bytes, from: start) : nil
        case UInt8(ascii: "["): mayOpen ? end(of: "[]", bytes, from: start) : nil
        case UInt8(ascii: "t"): end(of: "true", bytes, from: start)
        case UInt8(ascii: "f"): end(of: "false", bytes, from: start)
        case UInt8(ascii: "n"): end(of: "null", bytes, from: start)
        default: nil
        }
    }

    private static func end(of word: StaticString, _ bytes: Span<UInt8>, from start: Int) -> Int? {
        let end = start + word.utf8CodeUnitCount
        guard end <= bytes.count else { return nil }
        return word.withUTF8Buffer { word in
            for index in word.indices where bytes[start + index] != word[index] { return nil }
            return end
        }
    }
}
