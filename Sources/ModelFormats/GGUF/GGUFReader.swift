import Crypto

/// Reads the header of a GGUF file, version 2 or 3, little endian, and no tensor data.
///
/// Counts and lengths are compared with `limits` and with the size of the file before any memory is reserved for them.
/// Arrays are skipped, so that a vocabulary of any size costs nothing. Whatever is irregular but readable is an issue
/// of the result: the existing tool reads such files, and a report should name everything that is wrong at once.
public enum GGUFReader {
    public static let magic: [UInt8] = Array("GGUF".utf8)
    static let alignmentDefault: UInt64 = 32
    /// A tensor description has at least a name's length, a dimension count, a type and an offset.
    private static let tensorBytesMin: UInt64 = 24

    /// - Throws: only where the structure cannot be known.
    public static func read(
        _ source: any ByteSource, limits: GGUFLimits = .standard
    ) throws(FormatFault) -> GGUFFile {
        var reader = ByteReader(source)
        let version = try self.version(&reader)
        let tensorCount = try reader.uint64()
        let metadataCount = try reader.uint64()
        guard tensorCount <= limits.tensorCountMax else { throw .limitExceeded(.ggufTensorCount, offset: 8) }
        guard metadataCount <= limits.metadataCountMax else { throw .limitExceeded(.ggufMetadataCount, offset: 16) }

        var metadata = GGUFMetadataReader(reader: reader, limits: limits)
        try metadata.read(count: metadataCount)
        guard tensorCount * tensorBytesMin <= metadata.reader.remaining else {
            throw .truncated(offset: source.sizeBytes)
        }
        let metadataEnd = metadata.reader.offset
        var tensors = GGUFTensorReader(reader: metadata.reader, limits: limits, issues: metadata.issues)
        try tensors.read(count: Int(tensorCount))

        let headerEnd = tensors.reader.offset
        let alignment = try metadata.alignment()
        var layout = GGUFLayout(source: source, headerEnd: headerEnd, alignment: alignment, issues: tensors.issues)
        let table = try layout.check(tensors.entries, sizesAreKnown: tensors.sizesAreKnown)
        metadata.issues = layout.issues
        metadata.checkPresence(tensorCount: tensorCount)
        return GGUFFile(
            version: version, metadataCount: metadataCount, metadata: metadata.kept, templates: metadata.templates,
            texts: metadata.texts, alignment: alignment, metadataEnd: metadataEnd, headerEnd: headerEnd,
            headerSHA256: try digest(of: source, before: headerEnd),
            tensors: tensors.entries, table: table, issues: metadata.issues.kept,
            issuesDropped: metadata.issues.dropped)
    }

    private static func version(_ reader: inout ByteReader) throws(FormatFault) -> UInt32 {
        guard try reader.bytes(magic.count) == magic else { throw .invalid(.ggufMagic, offset: 0) }
        let version = try reader.uint32()
        switch version {
        case 2, 3: return version
        case 0: throw .invalid(.ggufVersionZero, offset: 4)
        case _ where version & 0xFFFF == 0: throw .unsupported(.ggufBigEndian)
        default: throw .unsupported(.ggufVersion(version))
        }
    }

    private static func digest(of source: any ByteSource, before end: UInt64) throws(FormatFault) -> [UInt8] {
        var reader = ByteReader(source, end: end)
        var hasher = SHA256()
        try reader.hash(reader.remaining, into: &hasher)
        return Array(hasher.finalize())
    }
}
