/// Standard base64 with padding (RFC 4648 section 4), decoded strictly.
///
/// Every text has at most one decoding and every value exactly one text: white space, missing padding and non-zero
/// trailing bits are refused. A reader that forgave them would let a changed note pass as unchanged.
package enum Base64 {
    package static func encode(_ bytes: [UInt8]) -> String {
        let capacity = (bytes.count + 2) / 3 * 4
        return String(unsafeUninitializedCapacity: capacity) { output in
            var written = 0
            var offset = 0
            while offset < bytes.count {
                let present = min(3, bytes.count - offset)
                let group =
                    UInt32(bytes[offset]) << 16
                    | (present > 1 ? UInt32(bytes[offset + 1]) << 8 : 0)
                    | (present > 2 ? UInt32(bytes[offset + 2]) : 0)
                output[written] = alphabet[Int(group >> 18 & 63)]
                output[written + 1] = alphabet[Int(group >> 12 & 63)]
                output[written + 2] = present > 1 ? alphabet[Int(group >> 6 & 63)] : padding
                output[written + 3] = present > 2 ? alphabet[Int(group & 63)] : padding
                written += 4
                offset += present
            }
            return written
        }
    }

    /// `nil` if the text is not the one encoding of any bytes.
    package static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        let characters = Array(text)
        guard characters.count.isMultiple(of: 4) else { return nil }
        guard !characters.isEmpty else { return [] }
        let paddingCount = characters.suffix(2).filter { $0 == padding }.count
        if paddingCount == 1 && characters.last != padding { return nil }

        var bytes: [UInt8] = []
        bytes.reserveCapacity(characters.count / 4 * 3)
        for start in stride(from: 0, to: characters.count, by: 4) {
            let isLast = start + 4 == characters.count
            let digitCount = isLast ? 4 - paddingCount : 4
            var group: UInt32 = 0
            for position in 0..<digitCount {
                let value = values[Int(characters[start + position])]
                guard value != invalid else { return nil }
                group |= UInt32(value) << UInt32(18 - 6 * position)
            }
            let unused: UInt32 = digitCount == 4 ? 0 : digitCount == 3 ? 0xFF : 0xFFFF
            guard group & unused == 0 else { return nil }
            bytes.append(UInt8(truncatingIfNeeded: group >> 16))
            if digitCount > 2 { bytes.append(UInt8(truncatingIfNeeded: group >> 8)) }
            if digitCount > 3 { bytes.append(UInt8(truncatingIfNeeded: group)) }
        }
        return bytes
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let padding = UInt8(ascii: "=")
    private static let invalid: UInt8 = 0xFF
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: invalid, count: 256)
        for (value, character) in alphabet.enumerated() { table[Int(character)] = UInt8(value) }
        return table
    }()
}
