/// The stream cipher XSalsa20 (D. J. Bernstein, "Extending the Salsa20 nonce"), which NaCl encrypts with.
struct XSalsa20 {
    private let subkey: [UInt32]
    private let nonce: [UInt32]

    static let keyBytes = 32
    static let nonceBytes = 24

    /// "expand 32-byte k"
    private static let constants: [UInt32] = [0x6170_7865, 0x3320_646E, 0x7962_2D32, 0x6B20_6574]

    /// `nil` unless both have their lengths.
    init?(key: [UInt8], nonce: [UInt8]) {
        guard key.count == Self.keyBytes, nonce.count == Self.nonceBytes else { return nil }
        let words = Self.words(nonce)
        let mixed = Self.mixed(Self.state(Self.words(key), Array(words[0..<4])))
        // HSalsa20: the places where constants and nonce stood.
        subkey = [0, 5, 10, 15, 6, 7, 8, 9].map { mixed[$0] }
        self.nonce = Array(words[4..<6])
    }

    /// The first bytes of the stream.
    func stream(byteCount: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var counter: UInt64 = 0
        while bytes.count < byteCount {
            let position = [UInt32(truncatingIfNeeded: counter), UInt32(truncatingIfNeeded: counter >> 32)]
            let start = Self.state(subkey, nonce + position)
            for (word, first) in zip(Self.mixed(start), start) {
                withUnsafeBytes(of: (word &+ first).littleEndian) { bytes.append(contentsOf: $0) }
            }
            counter &+= 1
        }
        return Array(bytes.prefix(byteCount))
    }

    /// - Parameters:
    ///   - key: eight words.
    ///   - input: four words.
    private static func state(_ key: [UInt32], _ input: [UInt32]) -> [UInt32] {
        [constants[0]] + key[0..<4] + [constants[1]] + input + [constants[2]] + key[4..<8] + [constants[3]]
    }

    private static func mixed(_ state: [UInt32]) -> [UInt32] {
        var x = state
        func quarter(_ a: Int, _ b: Int, _ c: Int, _ d: Int) {
            x[b] ^= rotated(x[a] &+ x[d], 7)
            x[c] ^= rotated(x[b] &+ x[a], 9)
            x[d] ^= rotated(x[c] &+ x[b], 13)
            x[a] ^= rotated(x[d] &+ x[c], 18)
        }
        for _ in 0..<10 {
            quarter(0, 4, 8, 12)
            quarter(5, 9, 13, 1)
            quarter(10, 14, 2, 6)
            quarter(15, 3, 7, 11)
            quarter(0, 1, 2, 3)
            quarter(5, 6, 7, 4)
            quarter(10, 11, 8, 9)
            quarter(15, 12, 13, 14)
        }
        return x
    }

    private static func rotated(_ word: UInt32, _ count: UInt32) -> UInt32 { word << count | word >> (32 - count) }

    private static func words(_ bytes: [UInt8]) -> [UInt32] {
        stride(from: 0, to: bytes.count, by: 4).map { start in
            bytes[start..<start + 4].reversed().reduce(0) { $0 << 8 | UInt32($1) }
        }
    }
}
