/// Bytes that stand in a text (RFC 4648, section 4).
enum Base64Text {
    /// Whether the text begins like the base64 of a pickle of protocol 2 or later, and is long enough to call
    /// something.
    static func beginsPickle(_ text: String.UTF8View) -> Bool {
        guard text.count >= 16 else { return false }
        // Decoders pass over it.
        var bytes = text.prefix(64).drop { $0 <= 0x20 }.makeIterator()
        guard bytes.next() == UInt8(ascii: "g"), bytes.next() == UInt8(ascii: "A"), let third = bytes.next() else {
            return false
        }
        return UInt8(ascii: "I")...UInt8(ascii: "X") ~= third
    }

    /// What the text stands for, as far as it can be read: decoders of Python pass over what is no letter of the
    /// alphabet, and stop at what fills up the end.
    static func decode(_ text: [UInt8]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count / 4 * 3)
        var bits: UInt32 = 0
        var count = 0
        for letter in text {
            if letter == UInt8(ascii: "=") { break }
            guard let value = value(of: letter) else { continue }
            bits = bits << 6 | UInt32(value)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            bytes.append(UInt8(truncatingIfNeeded: bits >> UInt32(count)))
        }
        return bytes
    }

    private static func value(of letter: UInt8) -> UInt8? {
        switch letter {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): letter - UInt8(ascii: "A")
        case UInt8(ascii: "a")...UInt8(ascii: "z"): letter - UInt8(ascii: "a") + 26
        case UInt8(ascii: "0")...UInt8(ascii: "9"): letter - UInt8(ascii: "0") + 52
        case UInt8(ascii: "+"), UInt8(ascii: "-"): 62
        case UInt8(ascii: "/"), UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
