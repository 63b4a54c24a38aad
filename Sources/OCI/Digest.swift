/// The content address of some bytes: an algorithm and what it computes over them.
///
/// Holds only values the image specification allows (descriptor.md, "Digests"): a registered algorithm and its full
/// output. Digests order as their text does. A SHA-256 digest, by far the most common, needs no memory outside the
/// value.
public struct Digest: Sendable, Hashable {
    /// The algorithms the image specification registers.
    public enum Algorithm: String, Sendable, Hashable, CaseIterable {
        case sha256
        case sha512

        public var byteCount: Int {
            switch self {
            case .sha256: 32
            case .sha512: 64
            }
        }
    }

    private enum Value: Hashable {
        case sha256(Word256)
        case sha512(Word256, Word512Tail)
    }

    private let value: Value

    /// For a digest this module spells out itself.
    init(sha256 word: Word256) {
        value = .sha256(word)
    }

    public init(sha256 bytes: [UInt8]) throws(DigestFault) {
        try self.init(.sha256, bytes: bytes)
    }

    public init(sha512 bytes: [UInt8]) throws(DigestFault) {
        try self.init(.sha512, bytes: bytes)
    }

    /// - Throws: `.wrongLength` unless `bytes` are all that the algorithm puts out.
    public init(_ algorithm: Algorithm, bytes: [UInt8]) throws(DigestFault) {
        guard bytes.count == algorithm.byteCount else { throw DigestFault.wrongLength }
        switch algorithm {
        case .sha256: value = .sha256(Word256(bytes[0..<32]))
        case .sha512: value = .sha512(Word256(bytes[0..<32]), Word512Tail(Word256(bytes[32..<64])))
        }
    }

    /// Reads `sha256:` and 64 lowercase hexadecimal digits, or `sha512:` and 128.
    public init(parsing text: String) throws(DigestFault) {
        let characters = Array(text.utf8.prefix(DigestText.bytesMax + 1))
        guard let colon = characters.firstIndex(of: UInt8(ascii: ":")) else { throw DigestFault.malformed }
        guard let algorithm = Algorithm(rawValue: String(decoding: characters[..<colon], as: UTF8.self)) else {
            throw DigestFault.unsupportedAlgorithm
        }
        try self.init(algorithm, hex: characters[(colon + 1)...])
    }

    /// Reads lowercase hexadecimal digits that some other field says are of `algorithm`, such as an API's `sha256`.
    public init(_ algorithm: Algorithm, hex: String) throws(DigestFault) {
        try self.init(algorithm, hex: Array(hex.utf8.prefix(DigestText.bytesMax))[...])
    }

    private init(_ algorithm: Algorithm, hex digits: ArraySlice<UInt8>) throws(DigestFault) {
        guard digits.count == 2 * algorithm.byteCount else { throw DigestFault.wrongLength }
        try self.init(algorithm, bytes: try DigestText.bytes(lowercaseHex: digits))
    }

    public var algorithm: Algorithm {
        switch value {
        case .sha256: .sha256
        case .sha512: .sha512
        }
    }

    /// What the algorithm put out, 32 or 64 bytes.
    public var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(algorithm.byteCount)
        switch value {
        case .sha256(let word):
            word.append(to: &bytes)
        case .sha512(let head, let tail):
            head.append(to: &bytes)
            tail.word.append(to: &bytes)
        }
        return bytes
    }

    /// The first of `bytes`.
    public var firstByte: UInt8 {
        switch value {
        case .sha256(let word), .sha512(let word, _): word.firstByte
        }
    }

    /// The bytes in lowercase hexadecimal, without the algorithm.
    public var hex: String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * algorithm.byteCount)
        appendHex(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    private func appendHex(to text: inout [UInt8]) {
        switch value {
        case .sha256(let word):
            word.appendLowercaseHex(to: &text)
        case .sha512(let head, let tail):
            head.appendLowercaseHex(to: &text)
            tail.word.appendLowercaseHex(to: &text)
        }
    }

    /// Appends the characters of `description`.
    public func appendText(to text: inout [UInt8]) {
        text.append(contentsOf: algorithm.rawValue.utf8)
        text.append(UInt8(ascii: ":"))
        appendHex(to: &text)
    }
}

extension Digest: CustomStringConvertible {
    /// As a descriptor writes it: `sha256:…`.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(DigestText.bytesMax)
        appendText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }
}

extension Digest: Comparable {
    public static func < (left: Digest, right: Digest) -> Bool {
        switch (left.value, right.value) {
        case (.sha256(let left), .sha256(let right)): left < right
        case (.sha512(let leftHead, let leftTail), .sha512(let rightHead, let rightTail)):
            leftHead == rightHead ? leftTail.word < rightTail.word : leftHead < rightHead
        case (.sha256, .sha512): true
        case (.sha512, .sha256): false
        }
    }
}
