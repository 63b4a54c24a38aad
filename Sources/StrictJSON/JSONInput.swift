/// The bytes of a document, chunk by chunk, and the tokens among them.
struct JSONInput {
    private static let escape = UInt8(ascii: "\\")
    private static let quote = UInt8(ascii: "\"")
    private static let firstPrintable: UInt8 = 0x20

    private let bytesMax: Int
    private let nextChunk: (() throws(JSONFault) -> [UInt8])?
    private(set) var chunk: [UInt8]
    /// Next byte, as an index of `chunk`.
    var position = 0
    /// Bytes of the document before `chunk`.
    private var consumed = 0
    /// The part of a token that earlier chunks or escapes have contributed.
    private var token: [UInt8] = []

    init(_ bytes: [UInt8], bytesMax: Int) {
        chunk = bytes
        nextChunk = nil
        self.bytesMax = bytesMax
    }

    init(bytesMax: Int, nextChunk: @escaping () throws(JSONFault) -> [UInt8]) {
        chunk = []
        self.nextChunk = nextChunk
        self.bytesMax = bytesMax
    }

    var offset: Int {
        consumed + position
    }

    var isAtEnd: Bool {
        position >= chunk.count
    }

    func fault(_ reason: JSONFault.Reason) -> JSONFault {
        JSONFault(reason, offset: offset)
    }

    /// - Returns: whether there is a byte at `position`.
    private mutating func fill() throws(JSONFault) -> Bool {
        if position < chunk.count { return true }
        guard let nextChunk else { return false }
        consumed += chunk.count
        position = 0
        chunk = try nextChunk()
        guard chunk.count <= bytesMax - consumed else {
            throw JSONFault(.documentTooLarge, offset: bytesMax)
        }
        return !chunk.isEmpty
    }

    mutating func peek() throws(JSONFault) -> UInt8? {
        try fill() ? chunk[position] : nil
    }

    mutating func skip() {
        position += 1
    }

    @inline(__always)
    mutating func peekAfterWhitespace() throws(JSONFault) -> UInt8? {
        // Most tokens follow each other without any.
        if position < chunk.count, chunk[position] > 0x20 { return chunk[position] }
        return try peekBehindWhitespace()
    }

    private mutating func peekBehindWhitespace() throws(JSONFault) -> UInt8? {
        while try fill() {
            let byte = chunk[position]
            switch byte {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return byte
            }
        }
        return nil
    }

    mutating func literal(_ word: StaticString, _ event: JSONEvent) throws(JSONFault) -> JSONEvent {
        let start = offset
        for expected in word.description.utf8 {
            guard let byte = try peek() else { throw fault(.unexpectedEnd) }
            guard byte == expected else { throw JSONFault(.invalidLiteral, offset: start) }
            position += 1
        }
        return event
    }

    /// Reads a string whose opening quotation mark is at `position`.
    mutating func string(bytesMax: Int) throws(JSONFault) -> String {
        let start = offset
        position += 1
        token.removeAll(keepingCapacity: true)
        while true {
            guard try fill() else { throw fault(.unexpectedEnd) }
            let run = position..<endOfRun()
            guard run.count <= bytesMax - token.count else { throw JSONFault(.stringTooLong, offset: start) }
            position = run.upperBound
            guard run.upperBound < chunk.count else {
                token.append(contentsOf: chunk[run])
                continue
            }
            switch chunk[run.upperBound] {
            case Self.quote:
                position += 1
                if token.isEmpty {
                    return try text(chunk.span.extracting(run), start: start)
                }
                token.append(contentsOf: chunk[run])
                return try text(token.span, start: start)
            case Self.escape:
                token.append(contentsOf: chunk[run])
                position += 1
                try escapedCharacter()
            default:
                throw fault(.controlCharacter)
            }
        }
    }

    /// The first byte from `position` on that is not itself part of a string's text.
    private func endOfRun() -> Int {
        let bytes = chunk.span
        var index = position
        while index < bytes.count {
            let byte = bytes[index]
            if byte == Self.quote || byte == Self.escape || byte < Self.firstPrintable { break }
            index += 1
        }
        return index
    }

    private func text(_ bytes: Span<UInt8>, start: Int) throws(JSONFault) -> String {
        do {
            return String(copying: try UTF8Span(validating: bytes))
        } catch {
            throw JSONFault(.invalidUTF8, offset: start)
        }
    }

    /// Reads what follows a backslash into `token`.
    private mutating func escapedCharacter() throws(JSONFault) {
        let start = offset - 1
        guard let byte = try peek() else { throw fault(.unexpectedEnd) }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): token.append(byte)
        case UInt8(ascii: "b"): token.append(0x08)
        case UInt8(ascii: "f"): token.append(0x0C)
        case UInt8(ascii: "n"): token.append(0x0A)
        case UInt8(ascii: "r"): token.append(0x0D)
        case UInt8(ascii: "t"): token.append(0x09)
        case UInt8(ascii: "u"):
            let scalar = try escapedScalar(start: start)
            token.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        default: throw JSONFault(.invalidEscape, offset: start)
        }
    }

    private mutating func escapedScalar(start: Int) throws(JSONFault) -> Unicode.Scalar {
        let first = try fourHexDigits(start: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        // The only code units that are no scalars are the surrogates, D800–DBFF and DC00–DFFF.
        guard first < 0xDC00 else { throw JSONFault(.loneSurrogate, offset: start) }
        for expected in [Self.escape, UInt8(ascii: "u")] {
            guard let byte = try peek() else { throw fault(.unexpectedEnd) }
            guard byte == expected else { throw JSONFault(.loneSurrogate, offset: start) }
            position += 1
        }
        let second = try fourHexDigits(start: start)
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw JSONFault(.loneSurrogate, offset: start) }
        return scalar
    }

    private mutating func fourHexDigits(start: Int) throws(JSONFault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = try peek() else { throw fault(.unexpectedEnd) }
            guard let digit = Self.hexDigit(byte) else { throw JSONFault(.invalidEscape, offset: start) }
            value = value << 4 | digit
            position += 1
        }
        return value
    }

    private static func hexDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    /// Reads a number by the grammar of RFC 8259 section 6.
    mutating func number(bytesMax: Int) throws(JSONFault) -> JSONNumber {
        // Nearly all numbers are right and end where they began: in this chunk.
        if let end = JSONNumber.end(in: chunk.span, from: position), end < chunk.count, end - position <= bytesMax {
            let number = JSONNumber(scanned: String(decoding: chunk[position..<end], as: UTF8.self))
            position = end
            return number
        }
        return try numberByteByByte(bytesMax: bytesMax)
    }

    private mutating func numberByteByByte(bytesMax: Int) throws(JSONFault) -> JSONNumber {
        let start = offset
        token.removeAll(keepingCapacity: true)
        if try peek() == UInt8(ascii: "-") { try take(bytesMax, start) }
        if try peek() == UInt8(ascii: "0") {
            try take(bytesMax, start)
        } else {
            try digits(bytesMax, start)
        }
        if try peek() == UInt8(ascii: ".") {
            try take(bytesMax, start)
            try digits(bytesMax, start)
        }
        if let byte = try peek(), byte | 0x20 == UInt8(ascii: "e") {
            try take(bytesMax, start)
            if let sign = try peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") {
                try take(bytesMax, start)
            }
            try digits(bytesMax, start)
        }
        if let byte = try peek(), Self.isDigit(byte) { throw JSONFault(.invalidNumber, offset: start) }
        return JSONNumber(scanned: String(decoding: token, as: UTF8.self))
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
    }

    private mutating func digits(_ bytesMax: Int, _ start: Int) throws(JSONFault) {
        guard let first = try peek() else { throw fault(.unexpectedEnd) }
        guard Self.isDigit(first) else { throw JSONFault(.invalidNumber, offset: start) }
        while let byte = try peek(), Self.isDigit(byte) {
            try take(bytesMax, start)
        }
    }

    /// Moves one byte into `token`.
    private mutating func take(_ bytesMax: Int, _ start: Int) throws(JSONFault) {
        guard token.count < bytesMax else { throw JSONFault(.numberTooLong, offset: start) }
        token.append(chunk[position])
        position += 1
    }
}
