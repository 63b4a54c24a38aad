import struct Crypto.SHA256

/// The SHA-256 of a token, by which a credential knows it: the token itself is kept nowhere.
public struct TokenHash: Sendable, Hashable, CustomStringConvertible {
    /// Big-endian, the first bytes first.
    private let words: SIMD4<UInt64>

    /// Hashes a token as it was presented.
    public init(of token: some Sequence<UInt8>) {
        var hash = SHA256()
        if token.withContiguousStorageIfAvailable({ hash.update(bufferPointer: UnsafeRawBufferPointer($0)) }) == nil {
            hash.update(data: Array(token))
        }
        words = hash.finalize().withUnsafeBytes(Self.words)
    }

    /// - Returns: `nil` unless the text is 64 hexadecimal digits.
    public init?(hexadecimal text: String) {
        guard text.utf8.count == 64 else { return nil }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let high = rest.popFirst(), let low = rest.popFirst() {
            guard let high = Self.digit(high), let low = Self.digit(low) else { return nil }
            bytes.append(high << 4 | low)
        }
        words = bytes.withUnsafeBytes(Self.words)
    }

    /// Of 32 bytes.
    private static func words(_ bytes: UnsafeRawBufferPointer) -> SIMD4<UInt64> {
        var words = SIMD4<UInt64>()
        for (place, byte) in bytes.prefix(32).enumerated() {
            words[place / 8] |= UInt64(byte) << UInt64(56 - 8 * (place % 8))
        }
        return words
    }

    /// The first eight bytes: enough to find a hash in a table, and to say which secret something was made for.
    public var prefix: UInt64 { words[0] }

    /// Takes as long for hashes that differ in their last bit as for those that differ in their first.
    public static func == (left: TokenHash, right: TokenHash) -> Bool {
        let difference = left.words ^ right.words
        return difference[0] | difference[1] | difference[2] | difference[3] == 0
    }

    public func hash(into hasher: inout Hasher) {
        hasher.combine(words[0])
    }

    /// 64 lower-case hexadecimal digits.
    public var description: String {
        (0..<4).map { place in
            let text = String(words[place], radix: 16)
            return String(repeating: "0", count: 16 - text.utf8.count) + text
        }.joined()
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
