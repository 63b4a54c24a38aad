/// Hexadecimal as digests write it.
enum DigestText {
    /// Length of `sha512:` and its 128 digits, the longest digest there is.
    static let bytesMax = 135

    private static let digits = Array("0123456789abcdef".utf8)

    static func lowercaseHex(_ bytes: [UInt8]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(2 * bytes.count)
        for byte in bytes {
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 0x0F)])
        }
        return text
    }

    /// The caller has checked that the number of digits is even.
    static func bytes(lowercaseHex digits: ArraySlice<UInt8>) throws(DigestFault) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            let nibble = try nibble(digit)
            if let left = high {
                bytes.append(left << 4 | nibble)
                high = nil
            } else {
                high = nibble
            }
        }
        return bytes
    }

    private static func nibble(_ digit: UInt8) throws(DigestFault) -> UInt8 {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): return digit - UInt8(ascii: "a") + 10
        default: throw DigestFault.notLowercaseHex
        }
    }
}
