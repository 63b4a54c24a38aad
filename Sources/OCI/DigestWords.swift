/// 32 bytes without a heap allocation, ordered as the bytes are.
struct Word256: Hashable, Comparable, Sendable {
    private let first, second, third, fourth: UInt64

    /// The caller has checked that there are 32 bytes.
    init(_ bytes: ArraySlice<UInt8>) {
        let (a, b, c, d) = bytes.withUnsafeBytes { bytes in
            func word(_ index: Int) -> UInt64 {
                let start = UnsafeRawBufferPointer(rebasing: bytes[(8 * index)...])
                return UInt64(bigEndian: start.loadUnaligned(as: UInt64.self))
            }
            return (word(0), word(1), word(2), word(3))
        }
        (first, second, third, fourth) = (a, b, c, d)
    }

    var firstByte: UInt8 { UInt8(first >> 56) }

    func append(to bytes: inout [UInt8]) {
        withUnsafeBytes(of: (first.bigEndian, second.bigEndian, third.bigEndian, fourth.bigEndian)) {
            bytes.append(contentsOf: $0)
        }
    }

    func appendLowercaseHex(to text: inout [UInt8]) {
        withUnsafeBytes(of: (first.bigEndian, second.bigEndian, third.bigEndian, fourth.bigEndian)) { bytes in
            for byte in bytes {
                text.append(DigestText.digit(byte >> 4))
                text.append(DigestText.digit(byte & 0x0F))
            }
        }
    }

    static func < (left: Word256, right: Word256) -> Bool {
        (left.first, left.second, left.third, left.fourth) < (right.first, right.second, right.third, right.fourth)
    }
}

/// The second half of a SHA-512 digest, boxed so that it does not double the size of every digest.
final class Word512Tail: Hashable, Sendable {
    let word: Word256

    init(_ word: Word256) {
        self.word = word
    }

    static func == (left: Word512Tail, right: Word512Tail) -> Bool {
        left.word == right.word
    }

    func hash(into hasher: inout Hasher) {
        hasher.combine(word)
    }
}
