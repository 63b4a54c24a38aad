import Crypto

/// Half of a SHA-256: enough to find a repeated name among a hundred thousand without keeping the names.
struct NameDigest: Hashable, Comparable {
    private let high: UInt64
    private let low: UInt64

    init(_ name: some Sequence<UInt8>) {
        let digest = SHA256.hash(data: Array(name))
        var words: (UInt64, UInt64) = (0, 0)
        for (index, byte) in digest.enumerated() where index < 16 {
            if index < 8 {
                words.0 = words.0 << 8 | UInt64(byte)
            } else {
                words.1 = words.1 << 8 | UInt64(byte)
            }
        }
        (high, low) = words
    }

    static func < (left: NameDigest, right: NameDigest) -> Bool {
        (left.high, left.low) < (right.high, right.low)
    }

    /// Adds its 16 bytes.
    func update(_ hasher: inout SHA256) {
        for word in [high, low] {
            withUnsafeBytes(of: word.bigEndian) { hasher.update(bufferPointer: $0) }
        }
    }
}
