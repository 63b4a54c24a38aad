/// Says what a file is by its content. Names and extensions have no say.
public enum FormatDetector {
    public struct Detection: Sendable, Hashable {
        public let format: FileFormat
        /// What a survey of the text found, for formats that are text.
        public let text: TextSurvey?
        /// A second format in the same bytes, and where it shows.
        public let second: Second?

        public struct Second: Sendable, Hashable {
            public let format: FileFormat
            public let offset: UInt64
        }
    }

    /// How many of the first bytes say what a file is.
    public static let headBytes = FormatMagic.headBytes

    /// The format that the first bytes of a file show, where they are enough; `nil` for text, and for what is unknown.
    ///
    /// Good for a label in a list. What a file is takes `detect`.
    public static func structuredFormat(_ head: [UInt8]) -> FileFormat? {
        structured(Array(head.prefix(headBytes)))
    }

    private static let tailBytesMax: UInt64 = 65_557
    private static let zipEndBytes = 22

    /// - Throws: only if the source cannot be read.
    public static func detect(_ source: any ByteSource) throws(FormatFault) -> Detection {
        let size = source.sizeBytes
        guard size > 0 else { return Detection(format: .empty, text: nil, second: nil) }
        let head = try source.bytes(at: 0, count: Int(min(size, UInt64(FormatMagic.headBytes))))
        if let format = structured(head) {
            return Detection(format: format, text: nil, second: try second(source, format, head))
        }
        let survey = try TextSurvey.survey(source)
        if try PickleProbe.recognises(ByteReader(source)) {
            return Detection(format: .pickle, text: nil, second: try second(source, .pickle, head))
        }
        // Messages have no mark, and a small one may be nothing but characters.
        let message = try ProtobufProbe.format(of: source)
        if let format = message.kind?.format ?? (message.isExhausted ? .protobuf : nil) {
            return Detection(format: format, text: nil, second: try second(source, format, head))
        }
        guard survey.isText else {
            let format = FormatMagic.letterFormat(head)
            // HDF5 leaves room before its superblock for whoever wants it.
            guard let offset = try hiddenHDF5(source) else {
                return Detection(format: format ?? .unknown, text: nil, second: nil)
            }
            guard let format else { return Detection(format: .hdf5, text: nil, second: nil) }
            return Detection(format: format, text: nil, second: .init(format: .hdf5, offset: offset))
        }
        let format = text(head)
        return Detection(format: format, text: survey, second: try second(source, format, head))
    }

    private static func structured(_ head: [UInt8]) -> FileFormat? {
        if head.starts(with: GGUFReader.magic) { return .gguf }
        if let format = FormatMagic.binaryFormat(head) { return format }
        if isSafetensors(head) { return .safetensors }
        if PickleProbe.hasProtocolMark(head) { return .pickle }
        return nil
    }

    /// A header length that fits the format, then a JSON object.
    private static func isSafetensors(_ head: [UInt8]) -> Bool {
        guard head.count > 9, head[8] == UInt8(ascii: "{") else { return false }
        let length = head[..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let next = head[9...].first { $0 != 0x20 && $0 != 0x0A && $0 != 0x0D && $0 != 0x09 }
        // The highest byte of any believable length is zero, which no text contains.
        return length > 0 && head[7] == 0 && (next == UInt8(ascii: "\"") || next == UInt8(ascii: "}"))
    }

    private static func text(_ head: [UInt8]) -> FileFormat {
        if head.starts(with: "#!".utf8) { return .script }
        if head.starts(with: "version https://git-lfs.github.com/spec/".utf8) { return .gitLFSPointer }
        let content = head.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
        switch (content.first, content.dropFirst().first) {
        case (UInt8(ascii: "{"), UInt8(ascii: "{")), (UInt8(ascii: "{"), UInt8(ascii: "%")),
            (UInt8(ascii: "{"), UInt8(ascii: "#")):
            return .template
        case (UInt8(ascii: "{"), _), (UInt8(ascii: "["), _): return .json
        default: return .text
        }
    }

    /// Formats that are read from the end of a file, or from its middle, hide behind any other.
    private static func second(
        _ source: any ByteSource, _ format: FileFormat, _ head: [UInt8]
    ) throws(FormatFault) -> Detection.Second? {
        // The first name of a ZIP archive can be the name field of a tar header.
        if format == .zip, head.count >= TarHeader.blockBytes, head[257..<262].elementsEqual("ustar".utf8),
            TarHeader(Array(head.prefix(TarHeader.blockBytes))).hasChecksum
        {
            return Detection.Second(format: .tar, offset: 257)
        }
        guard format.formatClass != .archive, !format.isExecutable else { return nil }
        if let offset = try zipEnd(source) { return Detection.Second(format: .zip, offset: offset) }
        if head.count >= 262, head[257..<262].elementsEqual("ustar".utf8) {
            return Detection.Second(format: .tar, offset: 257)
        }
        // No text contains a superblock.
        if !format.isText, format != .hdf5, let offset = try hiddenHDF5(source) {
            return Detection.Second(format: .hdf5, offset: offset)
        }
        return nil
    }

    /// Where a superblock of HDF5 stands behind a beginning that shows none.
    private static func hiddenHDF5(_ source: any ByteSource) throws(FormatFault) -> UInt64? {
        // What is decoded from front to back is not decoded to its end for this.
        try HDF5Reader.hiddenSuperblock(source, within: source.isSequential ? UInt64(headBytes) : .max)
    }

    /// The end-of-central-directory record of a ZIP file (APPNOTE 4.3.16), which readers look for from the end.
    private static func zipEnd(_ source: any ByteSource) throws(FormatFault) -> UInt64? {
        let size = source.sizeBytes
        guard size >= UInt64(zipEndBytes) else { return nil }
        let start = size - min(size, tailBytesMax)
        let tail = try source.bytes(at: start, count: Int(size - start))
        var index = tail.count - zipEndBytes
        while index >= 0 {
            if tail[index] == 0x50, tail[index...].starts(with: [0x50, 0x4B, 0x05, 0x06]),
                isPlausible(tail[(index + 4)..<(index + zipEndBytes)], before: start + UInt64(index))
            {
                return start + UInt64(index)
            }
            index -= 1
        }
        return nil
    }

    private static func isPlausible(_ record: ArraySlice<UInt8>, before end: UInt64) -> Bool {
        func number(_ offset: Int, _ count: Int) -> UInt64 {
            record.dropFirst(offset).prefix(count).reversed().reduce(0) { $0 << 8 | UInt64($1) }
        }
        let isOneDisk = number(0, 2) == number(2, 2) && number(4, 2) == number(6, 2)
        let isZip64 = number(12, 4) == 0xFFFF_FFFF
        return isOneDisk && (isZip64 || number(8, 4) <= end)
    }
}
