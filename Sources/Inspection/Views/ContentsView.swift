import Crypto
import ModelFormats

/// What a comparison wants to know of a file besides its tensors.
///
/// Lines: `metadata key type text sha256`, `template key sha256` followed by `line text`, `member name bytes sha256`,
/// then `end format`.
struct ContentsView {
    let limits: InspectionLimits
    let budget: ArchiveBudget

    private static let valueScalars = 300
    private static let nameScalars = 400
    private static let lineScalars = 2_000

    func write(_ source: any ByteSource, to writer: inout ViewWriter) throws(FormatFault) {
        let format = try FormatDetector.detect(source).format
        switch format {
        case .gguf: try write(gguf: source, to: &writer)
        case .safetensors: try write(safetensors: source, to: &writer)
        case .zip: try write(zip: source, to: &writer)
        case .tar: try write(tar: source, to: &writer)
        default: break
        }
        writer.line("end", format.rawValue)
    }

    private func write(gguf source: any ByteSource, to writer: inout ViewWriter) throws(FormatFault) {
        let file = try GGUFReader.read(source, limits: limits.gguf)
        for entry in file.metadata {
            // Key and value as they are stored: arrays count, too.
            let digest = try Self.digest(source, entry.offset..<max(entry.offset, entry.end))
            writer.line(
                "metadata", VisibleText.excerpt(entry.key, scalarsMax: Self.nameScalars), entry.value.typeName,
                VisibleText.excerpt(entry.value.shownText, scalarsMax: Self.valueScalars), digest)
        }
        for template in file.templates {
            guard let bytes = template.bytes else { continue }
            writer.line(
                "template", VisibleText.excerpt(template.key, scalarsMax: Self.nameScalars),
                Hexadecimal.text(SHA256.hash(data: bytes)))
            for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false) {
                let text = String(decoding: line, as: UTF8.self)
                writer.line("line", VisibleText.excerpt(text, scalarsMax: Self.lineScalars))
            }
        }
    }

    private func write(safetensors source: any ByteSource, to writer: inout ViewWriter) throws(FormatFault) {
        for entry in try SafetensorsReader.read(source, limits: limits.safetensors).metadata {
            writer.line(
                "metadata", VisibleText.excerpt(entry.key, scalarsMax: Self.nameScalars), "string",
                VisibleText.excerpt(entry.value, scalarsMax: Self.valueScalars),
                Hexadecimal.text(SHA256.hash(data: Array(entry.value.utf8))))
        }
    }

    private func write(zip source: any ByteSource, to writer: inout ViewWriter) throws(FormatFault) {
        let file = try ZipReader.read(source, limits: limits.zip)
        guard !file.isOverlapping else { throw .invalid(.zipDirectory, offset: 0) }
        for member in file.members where !member.isDirectory {
            let content = try MemberPath.content(of: member, in: source, budget)
            try write(member: member.name, content, to: &writer)
        }
    }

    private func write(tar source: any ByteSource, to writer: inout ViewWriter) throws(FormatFault) {
        var reader = TarReader(source)
        while let member = try reader.next() {
            try budget.takeMember()
            guard case .file = member.kind else { continue }
            let content = try ByteRange.of(source, from: member.dataOffset, count: member.sizeBytes)
            try write(member: member.name, content, to: &writer)
        }
    }

    private func write(
        member name: String, _ content: any ByteSource, to writer: inout ViewWriter
    ) throws(FormatFault) {
        writer.line(
            "member", VisibleText.excerpt(name, scalarsMax: Self.nameScalars), "\(content.sizeBytes)",
            try Self.digest(content, 0..<content.sizeBytes))
    }

    private static func digest(_ source: any ByteSource, _ range: Range<UInt64>) throws(FormatFault) -> String {
        var reader = ByteReader(source, from: range.lowerBound, end: range.upperBound)
        var hasher = SHA256()
        try reader.hash(reader.remaining, into: &hasher)
        return Hexadecimal.text(hasher.finalize())
    }
}

extension GGUFValue {
    fileprivate var typeName: String {
        switch self {
        case .uint8: "u8"
        case .int8: "i8"
        case .uint16: "u16"
        case .int16: "i16"
        case .uint32: "u32"
        case .int32: "i32"
        case .uint64: "u64"
        case .int64: "i64"
        case .float32: "f32"
        case .float64: "f64"
        case .bool: "bool"
        case .string, .digestedString: "string"
        case .array(let type, _): "array of \(type)"
        }
    }

    fileprivate var shownText: String {
        switch self {
        case .uint8(let value): "\(value)"
        case .int8(let value): "\(value)"
        case .uint16(let value): "\(value)"
        case .int16(let value): "\(value)"
        case .uint32(let value): "\(value)"
        case .int32(let value): "\(value)"
        case .uint64(let value): "\(value)"
        case .int64(let value): "\(value)"
        case .float32(let value): "\(value)"
        case .float64(let value): "\(value)"
        case .bool(let value): "\(value)"
        case .string(let text): text
        case .digestedString(let count, _): "\(count) bytes"
        case .array(_, let count): "\(count) elements"
        }
    }
}
