/// Lower-case base 16, as key identifiers and printed hashes use it.
package enum Hexadecimal {
    package static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for (offset, byte) in bytes.enumerated() {
                buffer[offset * 2] = digits[Int(byte >> 4)]
                buffer[offset * 2 + 1] = digits[Int(byte & 15)]
            }
            return bytes.count * 2
        }
    }

    /// Digits of either case, two for each byte; `nil` for anything else.
    package static func decode(_ text: some StringProtocol) -> [UInt8]? {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count / 2)
        var high: UInt8?
        for character in text.utf8 {
            guard let nibble = nibble(character) else { return nil }
            if let left = high {
                bytes.append(left << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        return high == nil ? bytes : nil
    }

    private static func nibble(_ character: UInt8) -> UInt8? {
        switch character {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): character - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// Exactly eight lower-case digits, big-endian: the form of a key identifier in a verifier key.
    package static func decodeUInt32(_ text: Substring) -> UInt32? {
        guard text.utf8.count == 8 else { return nil }
        var value: UInt32 = 0
        for character in text.utf8 {
            guard let digit = digits.firstIndex(of: character) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    package static func encode(_ value: UInt32) -> String {
        encode(withUnsafeBytes(of: value.bigEndian) { Array($0) })
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
