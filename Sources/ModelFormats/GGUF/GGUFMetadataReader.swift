import Crypto

/// Reads the key-value pairs of a GGUF header.
struct GGUFMetadataReader {
    private static let alignmentKey = "general.alignment"
    private static let architectureKey = "general.architecture"
    private static let templateKeyPrefix = "tokenizer.chat_template"
    /// A key's length, a type and the smallest value.
    private static let pairBytesMin: UInt64 = 13

    var reader: ByteReader
    private let limits: GGUFLimits
    var issues: GGUFIssueList
    private(set) var kept: [GGUFMetadata] = []
    private(set) var templates: [GGUFTemplate] = []
    private(set) var texts = GGUFTexts()
    private var keptBytes: UInt64 = 0
    private var templateBytes: UInt64 = 0
    private var keys: Set<NameDigest> = []
    private var keysInLowerCase: Set<NameDigest> = []
    private var alignmentValue: (value: GGUFValue, offset: UInt64)?
    private var hasArchitecture = false

    init(reader: ByteReader, limits: GGUFLimits) {
        self.reader = reader
        self.limits = limits
        issues = GGUFIssueList(perKindMax: limits.issuesPerKindMax)
    }

    mutating func read(count: UInt64) throws(FormatFault) {
        guard count * Self.pairBytesMin <= reader.remaining else { throw .truncated(offset: reader.end) }
        for _ in 0..<count {
            try pair()
        }
    }

    /// The alignment of tensor data: ggml accepts a power of two stored as `uint32`, so anything else has no meaning.
    func alignment() throws(FormatFault) -> UInt64 {
        guard let (value, offset) = alignmentValue else { return GGUFReader.alignmentDefault }
        guard case .uint32(let alignment) = value, alignment > 0, alignment & (alignment - 1) == 0 else {
            throw .invalid(.ggufAlignment, offset: offset)
        }
        guard alignment <= limits.alignmentMax else { throw .limitExceeded(.ggufAlignment, offset: offset) }
        return UInt64(alignment)
    }

    mutating func checkPresence(tensorCount: UInt64) {
        if !hasArchitecture { issues.add(.noArchitecture, at: 0) }
        let split = GGUFSplit(kept)
        if let split, !split.isConsistent(tensorCount: tensorCount) {
            issues.add(.splitInconsistent, at: split.offset)
        }
        if let offset = GGUFVocabulary.contradiction(in: kept) { issues.add(.vocabularyContradicts, at: offset) }
        // The first part of a split file may hold metadata alone.
        if tensorCount == 0, (split?.count ?? 0) <= 1 { issues.add(.noTensors, at: 8) }
    }

    private mutating func pair() throws(FormatFault) {
        let offset = reader.offset
        let length = try reader.uint64()
        guard length <= limits.keyBytesMax else { throw .limitExceeded(.ggufKeyBytes, offset: offset) }
        let keyBytes = try text(length)
        let key = String(decoding: keyBytes, as: UTF8.self)
        check(keyBytes, key: key, at: offset)

        let value: GGUFValue
        switch try valueType() {
        case .string where key.utf8.starts(with: Self.templateKeyPrefix.utf8):
            value = try template(key: key, at: offset)
        case .string:
            value = try string(key: key)
        case .array:
            value = try array(depth: 1, at: offset, key: key)
        case let type:
            value = try scalar(type, at: offset, key: key)
        }
        if key.utf8.elementsEqual(Self.alignmentKey.utf8) { alignmentValue = (value, offset) }
        if key.utf8.elementsEqual(Self.architectureKey.utf8) { hasArchitecture = value.text != nil }
        keep(GGUFMetadata(key: key, value: value, offset: offset, end: reader.offset), keyBytes: length)
    }

    private mutating func check(_ bytes: [UInt8], key: String, at offset: UInt64) {
        if bytes.isEmpty { issues.add(.emptyKey, at: offset) }
        if !UTF8Validator.isValid(bytes) { issues.add(.keyNotUTF8, at: offset, subject: key) }
        let lowered = bytes.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
        let isNewInLowerCase = keysInLowerCase.insert(NameDigest(lowered)).inserted
        if !keys.insert(NameDigest(bytes)).inserted {
            issues.add(.duplicateKey, at: offset, subject: key)
        } else if !isNewInLowerCase {
            issues.add(.keyDiffersInCase, at: offset, subject: key)
        }
    }

    private mutating func keep(_ entry: GGUFMetadata, keyBytes: UInt64) {
        let cost = keyBytes + UInt64(entry.value.text?.utf8.count ?? 0)
        guard cost <= limits.keptBytesMax - keptBytes else { return }
        keptBytes += cost
        kept.append(entry)
    }

    private mutating func valueType() throws(FormatFault) -> GGUFValueType {
        let offset = reader.offset
        guard let type = GGUFValueType(rawValue: try reader.uint32()) else {
            throw .invalid(.ggufValueType, offset: offset)
        }
        return type
    }

    /// Compares a claimed length with what is left of the file and of the limit for headers.
    private func claim(_ count: UInt64) throws(FormatFault) {
        guard count <= reader.remaining else { throw .truncated(offset: reader.end) }
        guard count <= limits.headerBytesMax, reader.offset <= limits.headerBytesMax - count else {
            throw .limitExceeded(.ggufHeaderBytes, offset: reader.offset)
        }
    }

    private mutating func text(_ length: UInt64) throws(FormatFault) -> [UInt8] {
        try claim(length)
        return try reader.bytes(Int(length))
    }

    private mutating func scalar(
        _ type: GGUFValueType, at offset: UInt64, key: String
    ) throws(FormatFault) -> GGUFValue {
        try claim(type.sizeBytesMin)
        switch type {
        case .uint8: return .uint8(try reader.uint8())
        case .int8: return .int8(Int8(bitPattern: try reader.uint8()))
        case .uint16: return .uint16(try reader.uint16())
        case .int16: return .int16(Int16(bitPattern: try reader.uint16()))
        case .uint32: return .uint32(try reader.uint32())
        case .int32: return .int32(Int32(bitPattern: try reader.uint32()))
        case .uint64: return .uint64(try reader.uint64())
        case .int64: return .int64(Int64(bitPattern: try reader.uint64()))
        case .float32: return .float32(Float(bitPattern: try reader.uint32()))
        case .float64: return .float64(Double(bitPattern: try reader.uint64()))
        case .bool:
            let byte = try reader.uint8()
            if byte > 1 { issues.add(.boolNeitherZeroNorOne, at: offset, subject: key) }
            return .bool(byte != 0)
        case .string, .array:
            throw .invalid(.ggufValueType, offset: offset)
        }
    }

    private mutating func string(key: String) throws(FormatFault) -> GGUFValue {
        let offset = reader.offset
        let length = try reader.uint64()
        guard length > limits.keptStringBytesMax else {
            let bytes = try text(length)
            if let text = String(validating: bytes, as: UTF8.self) { return .string(text) }
            issues.add(.stringNotUTF8, at: offset, subject: key)
            return .digestedString(sizeBytes: length, sha256: Array(SHA256.hash(data: bytes)))
        }
        try claim(length)
        if texts.takes(length, key: key, isTemplate: false) {
            let textOffset = reader.offset
            let bytes = try reader.bytes(Int(length))
            texts.add(key: key, bytes: bytes, offset: textOffset)
            if !UTF8Validator.isValid(bytes) { issues.add(.stringNotUTF8, at: offset, subject: key) }
            return .digestedString(sizeBytes: length, sha256: Array(SHA256.hash(data: bytes)))
        }
        var hasher = SHA256()
        var validator = UTF8Validator()
        try reader.forEachChunk(length) { chunk in
            validator.consume(chunk)
            chunk.withUnsafeBytes { hasher.update(bufferPointer: $0) }
        }
        if !validator.isComplete { issues.add(.stringNotUTF8, at: offset, subject: key) }
        return .digestedString(sizeBytes: length, sha256: Array(hasher.finalize()))
    }

    /// Reads past a text, and puts it aside to be searched if it is one of those.
    private mutating func passText(_ length: UInt64, key: String) throws(FormatFault) {
        guard texts.takes(length, key: key, isTemplate: key.utf8.starts(with: Self.templateKeyPrefix.utf8)) else {
            return try reader.skip(length)
        }
        let offset = reader.offset
        texts.add(key: key, bytes: try reader.bytes(Int(length)), offset: offset)
    }

    private mutating func template(key: String, at offset: UInt64) throws(FormatFault) -> GGUFValue {
        let length = try reader.uint64()
        try claim(length)
        let isKept =
            templates.count < limits.templateCountMax && length <= limits.templateBytesMax
            && length <= limits.templatesBytesMax - templateBytes
        var digested = SHA256()
        var bytes: [UInt8]?
        if isKept {
            let read = try reader.bytes(Int(length))
            if !UTF8Validator.isValid(read) { issues.add(.stringNotUTF8, at: offset, subject: key) }
            digested.update(data: read)
            templateBytes += length
            bytes = read
        } else {
            try reader.hash(length, into: &digested)
        }
        // One unread template is enough to say that not all were read.
        if isKept || templates.last?.bytes != nil || templates.isEmpty {
            templates.append(GGUFTemplate(key: key, sizeBytes: length, bytes: bytes, offset: offset))
        }
        return .digestedString(sizeBytes: length, sha256: Array(digested.finalize()))
    }

    private mutating func array(depth: Int, at offset: UInt64, key: String) throws(FormatFault) -> GGUFValue {
        guard depth <= limits.arrayDepthMax else { throw .limitExceeded(.ggufArrayDepth, offset: reader.offset) }
        let type = try valueType()
        let count = try reader.uint64()
        let (least, overflow) = count.multipliedReportingOverflow(by: type.sizeBytesMin)
        guard !overflow else { throw .truncated(offset: reader.end) }
        try claim(least)
        if type.isFixedSize {
            try reader.skip(least)
            return .array(of: type, count: count)
        }
        if type == .array, depth == 1 { issues.add(.nestedArray, at: offset, subject: key) }
        var left = count
        while left > 0 {
            left -= 1
            if type == .array {
                _ = try array(depth: depth + 1, at: offset, key: key)
            } else {
                try element(of: key)
            }
        }
        return .array(of: type, count: count)
    }

    /// A text in an array.
    private mutating func element(of key: String) throws(FormatFault) {
        let length = try reader.uint64()
        try claim(length)
        try passText(length, key: key)
    }
}
