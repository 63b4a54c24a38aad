/// What can be said about a text by reading it once.
public struct TextSurvey: Sendable, Hashable {
    /// Whether all of it is UTF-8 without NUL.
    public let isText: Bool
    /// The first control character besides tab, line feed, form feed and carriage return.
    public let controlOffset: UInt64?
    /// The first character that reorders the line it stands in (U+202A–U+202E, U+2066–U+2069), in a line that people
    /// read.
    public let bidirectionalOffset: UInt64?

    /// Surveys a whole source, in memory that does not grow with it. Stops early if it is no text.
    public static func survey(_ source: any ByteSource) throws(FormatFault) -> TextSurvey {
        if let decoded = source as? DecodedSource { return decoded.survey }
        var scanner = TextScanner()
        var reader = ByteReader(source)
        while scanner.isText, reader.remaining > 0 {
            try reader.forEachChunk(min(reader.remaining, UInt64(ByteReader.windowBytesMax))) { scanner.consume($0) }
        }
        return scanner.finish()
    }
}

/// Reads a text byte by byte.
struct TextScanner {
    /// A line that is shorter is an entry of a vocabulary rather than something people read.
    private static let readableLineBytes: UInt64 = 64

    private(set) var isText = true
    private var controlOffset: UInt64?
    private var bidirectionalOffset: UInt64?
    private var validator = UTF8Validator()
    private var offset: UInt64 = 0
    private var lineStart: UInt64 = 0
    private var bidirectionalInLine: UInt64?
    /// The last two bytes, as bidirectional controls have three.
    private var before: (UInt8, UInt8) = (0, 0)

    mutating func consume(_ bytes: Span<UInt8>) {
        guard isText else { return }
        validator.consume(bytes)
        guard validator.isValid, isText else {
            isText = false
            return
        }
        var index = 0
        while index < bytes.count {
            let run = bytes.printablePrefix(from: index)
            if run > 0 {
                index += run
                before = (bytes[index - 2], bytes[index - 1])
                continue
            }
            // What breaks a run is one byte of the next eight.
            for place in index..<min(index + 8, bytes.count) {
                let byte = bytes[place]
                if byte < 0x20 || byte >= 0x7F { examine(byte, at: offset + UInt64(place)) }
                before = (before.1, byte)
            }
            index = min(index + 8, bytes.count)
        }
        offset += UInt64(bytes.count)
    }

    private mutating func examine(_ byte: UInt8, at place: UInt64) {
        switch byte {
        case 0x0A:
            endLine(at: place)
            lineStart = place + 1
        case 0x09, 0x0C, 0x0D: break
        case 0: isText = false
        case 0..<0x20, 0x7F: controlOffset = controlOffset ?? place
        case 0x80...0x9F where before.1 == 0xC2: controlOffset = controlOffset ?? place - 1
        case 0xAA...0xAE where before == (0xE2, 0x80), 0xA6...0xA9 where before == (0xE2, 0x81):
            bidirectionalInLine = bidirectionalInLine ?? place - 2
        default: break
        }
    }

    private mutating func endLine(at place: UInt64) {
        if place - lineStart >= Self.readableLineBytes {
            bidirectionalOffset = bidirectionalOffset ?? bidirectionalInLine
        }
        bidirectionalInLine = nil
    }

    mutating func finish() -> TextSurvey {
        endLine(at: offset)
        return TextSurvey(
            isText: isText && validator.isComplete, controlOffset: controlOffset,
            bidirectionalOffset: bidirectionalOffset)
    }
}
