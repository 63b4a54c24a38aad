/// Bytes at fixed places by which formats are recognised.
enum FormatMagic {
    private struct Mark {
        let format: FileFormat
        let offset: Int
        let bytes: [UInt8]

        init(_ format: FileFormat, _ bytes: [UInt8], at offset: Int = 0) {
            self.format = format
            self.bytes = bytes
            self.offset = offset
        }

        init(_ format: FileFormat, _ text: StaticString, at offset: Int = 0) {
            self.init(format, Array(text.description.utf8), at: offset)
        }
    }

    /// How many bytes from the start are looked at.
    static let headBytes = 4096

    /// Marks that no text contains.
    private static let binary: [Mark] = [
        Mark(.zip, [0x50, 0x4B, 0x03, 0x04]), Mark(.zip, [0x50, 0x4B, 0x05, 0x06]),
        Mark(.zip, [0x50, 0x4B, 0x07, 0x08]), Mark(.gzip, [0x1F, 0x8B]),
        Mark(.bzip2, [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], at: 4),
        Mark(.xz, [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]), Mark(.zstandard, [0x28, 0xB5, 0x2F, 0xFD]),
        Mark(.lz4, [0x04, 0x22, 0x4D, 0x18]), Mark(.sevenZip, [0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C]),
        Mark(.rar, [0x52, 0x61, 0x72, 0x21, 0x1A, 0x07]), Mark(.numpy, [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]),
        Mark(.hdf5, [0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A]),
        Mark(.elf, [0x7F, 0x45, 0x4C, 0x46]), Mark(.machO, [0xFE, 0xED, 0xFA, 0xCE]),
        Mark(.machO, [0xFE, 0xED, 0xFA, 0xCF]), Mark(.machO, [0xCE, 0xFA, 0xED, 0xFE]),
        Mark(.machO, [0xCF, 0xFA, 0xED, 0xFE]), Mark(.webAssembly, [0x00, 0x61, 0x73, 0x6D]),
        Mark(.image, [0x89, 0x50, 0x4E, 0x47]), Mark(.image, [0xFF, 0xD8, 0xFF]), Mark(.tar, "ustar", at: 257),
    ]

    /// Marks made of letters: they count only in files that are no text.
    private static let letters: [Mark] = [
        Mark(.portableExecutable, "MZ"), Mark(.tensorFlowLite, "TFL3", at: 4), Mark(.parquet, "PAR1"),
        Mark(.arrow, "ARROW1"), Mark(.sqlite, "SQLite format 3"), Mark(.pdf, "%PDF-"), Mark(.image, "GIF8"),
        Mark(.image, "WEBP", at: 8), Mark(.audio, "WAVE", at: 8), Mark(.audio, "OggS"), Mark(.audio, "fLaC"),
        Mark(.audio, "ID3"), Mark(.ggmlLegacy, "lmgg"), Mark(.ggmlLegacy, "fmgg"), Mark(.ggmlLegacy, "tjgg"),
        Mark(.ggmlLegacy, "algg"),
    ]

    static func binaryFormat(_ head: [UInt8]) -> FileFormat? {
        if head.starts(with: [0xCA, 0xFE, 0xBA, 0xBE]), head.count >= 8 {
            // A universal binary counts its architectures here, a Java class has its version: 45 or later.
            return head[4] == 0 && head[5] == 0 && head[6] == 0 && head[7] < 43 ? .machO : .javaClass
        }
        // The file of an Actually Portable Executable is a program although its first bytes are text.
        if head.starts(with: "MZqFpD".utf8) { return .portableExecutable }
        return first(binary, head) ?? onnx(head)
    }

    static func letterFormat(_ head: [UInt8]) -> FileFormat? {
        first(letters, head) ?? protobuf(head) ?? (Compression.isZlib(head) ? .zlib : nil)
    }

    private static func first(_ marks: [Mark], _ head: [UInt8]) -> FileFormat? {
        marks.first { mark in
            mark.offset + mark.bytes.count <= head.count && head[mark.offset...].starts(with: mark.bytes)
        }?.format
    }

    /// ONNX has no magic number. It begins with the field `ir_version`, as a rule; then comes the producer's name, a
    /// text, or the graph. This much shows also where the rest is broken.
    private static func onnx(_ head: [UInt8]) -> FileFormat? {
        guard head.count >= 5, head[0] == 0x08, (3...32).contains(head[1]) else { return nil }
        switch head[2] {
        case 0x12:
            let name = head[4...].prefix(Int(head[3]))
            return !name.isEmpty && name.allSatisfy { 0x20...0x7E ~= $0 } ? .onnx : nil
        // The graph, of at least some bytes, and its first node.
        case 0x3A: return head[3] > 4 && head[3...].prefix(10).contains(0x0A) ? .onnx : nil
        default: return nil
        }
    }

    /// SavedModel begins with `saved_model_schema_version` 1 and a graph, SentencePiece with a piece.
    private static func protobuf(_ head: [UInt8]) -> FileFormat? {
        guard head.count >= 4 else { return nil }
        if head[0] == 0x08, head[1] == 0x01, head[2] == 0x12 { return .protobuf }
        if head[0] == 0x0A, head[2] == 0x0A, head[3] < head[1] { return .protobuf }
        return nil
    }
}
