extension Sequence<UInt8> {
    /// Two digits for each byte, as digests are written.
    package var lowercaseHex: String {
        var digits: [UInt8] = []
        digits.reserveCapacity(underestimatedCount * 2)
        for byte in self {
            digits.append(DigestText.digit(byte >> 4))
            digits.append(DigestText.digit(byte & 0xf))
        }
        return String(decoding: digits, as: UTF8.self)
    }
}
