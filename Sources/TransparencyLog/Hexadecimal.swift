/// Lower-case base 16, as key identifiers and printed hashes use it.
enum Hexadecimal {
    static func encode(_ bytes: [UInt8]) -> String {
        String(unsafeUninitializedCapacity: bytes.count * 2) { buffer in
            for (offset, byte) in bytes.enumerated() {
                buffer[offset * 2] = digits[Int(byte >> 4)]
                buffer[offset * 2 + 1] = digits[Int(byte & 15)]
            }
            return bytes.count * 2
        }
    }

    /// Exactly eight lower-case digits, big-endian: the form of a key identifier in a verifier key.
    static func decodeUInt32(_ text: Substring) -> UInt32? {
        guard text.utf8.count == 8 else { return nil }
        var value: UInt32 = 0
        for character in text.utf8 {
            guard let digit = digits.firstIndex(of: character) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    static func encode(_ value: UInt32) -> String {
        encode(withUnsafeBytes(of: value.bigEndian) { Array($0) })
    }

    private static let digits = Array("0123456789abcdef".utf8)
}
