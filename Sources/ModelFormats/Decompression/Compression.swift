/// How bytes were compressed.
package enum Compression: Sendable, Hashable, CaseIterable {
    /// RFC 1951, as in ZIP.
    case deflate
    /// RFC 1950.
    case zlib
    /// RFC 1952.
    case gzip
    case bzip2
    case xz
    /// RFC 8878.
    case zstandard

    /// What decoding takes where that is so much that it is counted; `nil` of fast decoders.
    ///
    /// bzip2 looks every byte up at a random place of its block. xz reads bit after bit of what goes in, each time with
    /// another probability; what those bits stand for costs little.
    var work: DecodingWork? {
        switch self {
        case .deflate, .zlib, .gzip, .zstandard: nil
        case .xz: DecodingWork(perInputByte: 60, perOutputByte: 4, perStream: 20_000)
        case .bzip2: DecodingWork(perInputByte: 0, perOutputByte: 60, perStream: 20_000)
        }
    }

    /// Memory that a decoder may take, at most.
    var memoryBytesMax: Int {
        switch self {
        case .deflate, .zlib, .gzip: 64 << 10
        case .bzip2: 4 << 20
        case .zstandard: 9 << 20
        case .xz: 18 << 20
        }
    }

    /// Whether several streams, one behind the other, are one content.
    var isConcatenable: Bool {
        switch self {
        case .deflate, .zlib: false
        case .gzip, .bzip2, .xz, .zstandard: true
        }
    }

    /// Whether zeros may follow the last stream.
    var allowsPadding: Bool { self == .gzip || self == .xz }

    /// Whether a stream begins with these bytes.
    func isStart(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .deflate, .zlib: false
        case .gzip: bytes.starts(with: [0x1F, 0x8B])
        case .bzip2: bytes.starts(with: "BZh".utf8)
        case .xz: bytes.starts(with: [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00])
        case .zstandard:
            bytes.starts(with: [0x28, 0xB5, 0x2F, 0xFD])
                || bytes.count >= 4 && bytes[0] & 0xF0 == 0x50 && bytes[1...].starts(with: [0x2A, 0x4D, 0x18])
        }
    }

    /// Whether these first bytes of a file are a zlib stream, which has no mark but a header of two bytes that is a
    /// multiple of 31: what follows decides.
    static func isZlib(_ head: [UInt8]) -> Bool {
        guard head.count > 8, head[0] & 0x8F == 0x08, (Int(head[0]) << 8 | Int(head[1])).isMultiple(of: 31) else {
            return false
        }
        var output = [UInt8](repeating: 0, count: 64 << 10)
        let step = head.withUnsafeBytes { input in
            output.withUnsafeMutableBytes { Inflater(windowBits: 15).decode(input, into: $0) }
        }
        return step.state == .ended || step.state == .running && step.produced > 0
    }

    func decoder() -> any StreamDecoder {
        switch self {
        case .deflate: Inflater(windowBits: -15)
        case .zlib: Inflater(windowBits: 15)
        case .gzip: Inflater(windowBits: 31)
        case .bzip2: Bzip2Decoder()
        case .xz: XZDecoder(memoryBytesMax: UInt64(memoryBytesMax))
        case .zstandard: ZstandardDecoder(windowBitsMax: 23)
        }
    }
}

/// What a slow decoder takes, in units of about a nanosecond.
struct DecodingWork {
    let perInputByte: UInt64
    let perOutputByte: UInt64
    /// What the beginning of a stream takes.
    let perStream: UInt64

    func units(consumed: Int, produced: Int) -> UInt64 {
        UInt64(consumed) * perInputByte + UInt64(produced) * perOutputByte
    }
}

/// Decodes one stream piece by piece.
protocol StreamDecoder: AnyObject {
    /// Decodes what is there, as far as there is room.
    ///
    /// An input that is used up without progress is one that ends early.
    func decode(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) -> DecoderStep

    /// Gets ready for another stream.
    func restart()
}

struct DecoderStep {
    enum State {
        case running
        case ended
        case damaged
        /// The stream wants more memory than it may have.
        case tooLarge
    }

    let consumed: Int
    let produced: Int
    let state: State
}
