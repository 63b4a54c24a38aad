/// Hexadecimal as digests write it.
enum DigestText {
    /// Length of `sha512:` and its 128 digits, the longest digest there is.
    static let bytesMax = 135

    static func digit(_ nibble: UInt8) -> UInt8 {
        nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + (nibble - 10)
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
