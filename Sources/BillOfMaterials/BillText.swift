/// Forms of texts that both formats share.
enum BillText {
    /// A prefix, then letters, digits, dots and dashes.
    static func isIdentifier(_ text: String, prefix: String) -> Bool {
        let rest = text.utf8.dropFirst(prefix.utf8.count)
        return text.utf8.starts(with: prefix.utf8) && !rest.isEmpty
            && rest.allSatisfy { byte in
                isAlphanumeric(byte) || byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")
            }
    }

    /// A scheme, and something visible behind it.
    static func isAbsoluteIRI(_ text: String) -> Bool {
        guard let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")) else { return false }
        let scheme = text.utf8[..<colon]
        let rest = text.utf8[text.utf8.index(after: colon)...]
        guard let first = scheme.first, isAlphanumeric(first), first > UInt8(ascii: "9") else { return false }
        return scheme.allSatisfy { isAlphanumeric($0) || "+-.".utf8.contains($0) } && !rest.isEmpty
            && rest.allSatisfy { $0 > 0x20 && $0 != 0x7F }
    }

    /// `YYYY-MM-DDThh:mm:ssZ`, as both formats have it.
    static func isTime(_ text: String) -> Bool {
        let shape = Array("0000-00-00T00:00:00Z".utf8)
        let bytes = Array(text.utf8)
        guard bytes.count == shape.count else { return false }
        let isShaped = zip(bytes, shape).allSatisfy { byte, form in
            form == UInt8(ascii: "0") ? (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) : byte == form
        }
        func number(_ range: Range<Int>) -> Int { bytes[range].reduce(0) { $0 * 10 + Int($1 & 0x0F) } }
        return isShaped && (1...12).contains(number(5..<7)) && (1...31).contains(number(8..<10))
            && number(11..<13) < 24 && number(14..<16) < 60 && number(17..<19) < 61
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
