package import StrictJSON

/// Feeds a range of a source to a JSON scanner, chunk by chunk.
package final class JSONChunks {
    private static let chunkBytes: UInt64 = 64 * 1024

    private var reader: ByteReader
    private let start: UInt64
    /// Set if the source failed: the scanner only learns that there is nothing more.
    private var sourceFault: FormatFault?
    /// Whether white space other than U+0020 follows the last byte that is none.
    package private(set) var endsInOddWhitespace = false

    package init(_ reader: ByteReader) {
        self.reader = reader
        start = reader.offset
    }

    package func scanner(_ limits: JSONLimits) -> JSONScanner {
        JSONScanner(limits: limits) { () throws(JSONFault) -> [UInt8] in
            do throws(FormatFault) {
                return try self.next()
            } catch {
                self.sourceFault = error
                throw JSONFault(.sourceFailed, offset: 0)
            }
        }
    }

    private func next() throws(FormatFault) -> [UInt8] {
        let chunk = try reader.bytes(Int(min(Self.chunkBytes, reader.remaining)))
        if let last = chunk.lastIndex(where: { !Self.isWhitespace($0) }) {
            endsInOddWhitespace = chunk[(last + 1)...].contains { $0 != 0x20 }
        } else if chunk.contains(where: { $0 != 0x20 }) {
            endsInOddWhitespace = true
        }
        return chunk
    }

    private static func isWhitespace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    /// What a fault of the scanner means for the file.
    package func formatFault(_ fault: JSONPull.Fault, otherwise defect: FormatDefect) -> FormatFault {
        switch fault {
        case .json(let fault): formatFault(fault)
        case .unexpected: .invalid(defect, offset: start)
        }
    }

    package func formatFault(_ fault: JSONFault) -> FormatFault {
        let offset = start + UInt64(clamping: fault.offset)
        switch fault.reason {
        case .sourceFailed: return sourceFault ?? .truncated(offset: offset)
        case .documentTooLarge: return .limitExceeded(.jsonDocumentBytes, offset: offset)
        case .tooDeep: return .limitExceeded(.jsonDepth, offset: offset)
        case .tooManyValues: return .limitExceeded(.jsonValues, offset: offset)
        case .tooManyNames: return .limitExceeded(.jsonNames, offset: offset)
        case .stringTooLong: return .limitExceeded(.jsonStringBytes, offset: offset)
        case .numberTooLong: return .limitExceeded(.jsonNumberBytes, offset: offset)
        case .unexpectedEnd, .unexpectedByte, .byteOrderMark, .trailingData, .invalidLiteral, .invalidNumber,
            .invalidEscape, .loneSurrogate, .controlCharacter, .invalidUTF8, .duplicateName:
            return .invalidJSON(fault.reason, offset: offset)
        }
    }
}
