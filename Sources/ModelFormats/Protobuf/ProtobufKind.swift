/// Formats that are encoded as Protocol Buffers. None has a magic number: what a file is shows in its structure.
public enum ProtobufKind: String, Sendable, Hashable, CaseIterable {
    case onnx = "ONNX model"
    case savedModel = "SavedModel"
    case metaGraph = "MetaGraphDef"
    case graph = "GraphDef"
    case kerasMetadata = "Keras metadata"
    case fingerprint = "SavedModel fingerprint"
    case sentencePiece = "SentencePiece model"

    public var format: FileFormat {
        switch self {
        case .onnx: .onnx
        case .savedModel, .metaGraph, .graph, .kerasMetadata, .fingerprint: .tensorFlow
        case .sentencePiece: .sentencePiece
        }
    }
}

/// Recognises messages by what stands at the places where each format has it, in whatever order, and among whatever
/// unknown fields: readers ignore these, so that they must hide nothing here.
struct ProtobufProbe {
    /// Fields that are looked at: in the file itself, in a message inside it, and in all of these. Texts that repeat a
    /// few characters can be read as millions of fields.
    private static let topFieldsMax = 64_000_000
    private static let messageFieldsMax = 1_000_000
    private static let fieldsMax = 8_000_000

    private let source: any ByteSource
    private let top: ProtobufSurvey
    private var fieldsLeft: Int
    /// Whether a message had more fields than that.
    private var isCut: Bool

    /// What the file is; `nil` for everything else.
    static func kind(of source: any ByteSource) throws(FormatFault) -> ProtobufKind? {
        try format(of: source).kind
    }

    /// What the file is, and whether it was too much to find out.
    static func format(of source: any ByteSource) throws(FormatFault) -> (kind: ProtobufKind?, isExhausted: Bool) {
        let top = try survey(source, 0..<source.sizeBytes, fieldsMax: topFieldsMax)
        guard !top.fields.isEmpty else { return (nil, false) }
        var probe = ProtobufProbe(source: source, top: top, fieldsLeft: fieldsMax, isCut: top.isCut)
        let kind = try probe.kind()
        return (kind, kind == nil && probe.isCut)
    }

    private mutating func kind() throws(FormatFault) -> ProtobufKind? {
        if top.has(.length, 7), try isModel() { return .onnx }
        if top.has(.length, 2) {
            if try holdsNodes([2, 2]) { return .savedModel }
            if try holdsNodes([2]) { return .metaGraph }
        }
        if try holdsNodes([]) { return .graph }
        if try find([1], { $0.has(.length, 1) && $0.has(.fixed32, 2) }) { return .sentencePiece }
        if try find([1], { $0.has(.varint, 2) && $0.has(.length, 3) && $0.has(.length, 4) }) { return .kerasMetadata }
        return top.isFingerprint && top.isWhole ? .fingerprint : nil
    }

    private mutating func isModel() throws(FormatFault) -> Bool {
        // A node has an operator; an initializer has a type and a name, or its data elsewhere.
        if try find([7, 1], { $0.isName(4) }) { return true }
        if try find([25, 7], { $0.isName(4) }) { return true }
        return try find([7, 5]) { $0.has(.varint, 2) && $0.has(.length, 8) }
    }

    /// Whether there are nodes of TensorFlow in the graph at `path`, or in its functions.
    private mutating func holdsNodes(_ path: [UInt32]) throws(FormatFault) -> Bool {
        if try find(path + [1], { $0.isName(2) && $0.has(.length, 1) }) { return true }
        return try find(path + [2, 1, 3]) { $0.isName(2) && $0.has(.length, 1) }
    }

    /// Whether a message at the end of `path` is as asked for. The first hundred at each step are looked at.
    private mutating func find(
        _ path: [UInt32], in message: ProtobufSurvey? = nil, _ isRight: (ProtobufSurvey) -> Bool
    ) throws(FormatFault) -> Bool {
        let message = message ?? top
        guard let first = path.first else { return isRight(message) }
        for field in message.fields where field.number == first && field.kind == .length {
            let inner = try Self.survey(source, field.range, fieldsMax: min(Self.messageFieldsMax, fieldsLeft))
            fieldsLeft -= inner.count
            isCut = isCut || inner.isCut
            if try find(Array(path.dropFirst()), in: inner, isRight) { return true }
        }
        return false
    }

    /// The fields of what may be a message, up to the first that cannot be one.
    private static func survey(
        _ source: any ByteSource, _ range: Range<UInt64>, fieldsMax: Int
    ) throws(FormatFault) -> ProtobufSurvey {
        var survey = ProtobufSurvey()
        var walk = ProtobufWalk(ByteReader(source, from: range.lowerBound, end: range.upperBound))
        do throws(FormatFault) {
            while survey.count < fieldsMax, let field = try walk.next() {
                survey.add(field, try walk.name(field))
            }
            survey.isWhole = walk.isAtEnd
            survey.isCut = !walk.isAtEnd
        } catch {
            if case .unreadable = error { throw error }
        }
        return survey
    }
}

/// Which fields a message has.
private struct ProtobufSurvey {
    struct Field {
        enum Kind {
            case varint, fixed32, fixed64, length
        }

        let number: UInt32
        let kind: Kind
        /// Where the content is, for those that have a length.
        let range: Range<UInt64>
    }

    /// Fields of one number that are kept.
    private static let sameMax = 100

    private(set) var fields: [Field] = []
    private var names: Set<UInt32> = []
    private var counts: [UInt32: Int] = [:]
    /// Fields that were looked at, kept or not.
    private(set) var count = 0
    var isWhole = false
    /// Whether there is more that was not looked at.
    var isCut = false

    mutating func add(_ field: Field, _ isName: Bool) {
        count += 1
        if isName { names.insert(field.number) }
        let same = counts[field.number, default: 0]
        guard same < Self.sameMax, counts.count < 1_000 else { return }
        counts[field.number] = same + 1
        fields.append(field)
    }

    func has(_ kind: Field.Kind, _ number: UInt32) -> Bool {
        fields.contains { $0.number == number && $0.kind == kind }
    }

    /// Whether the field is a text as operators are called.
    func isName(_ number: UInt32) -> Bool { names.contains(number) }

    /// Hashes, and the version that computed them.
    var isFingerprint: Bool {
        let hashes = fields.filter { $0.number <= 5 }
        return hashes.count >= 3 && Set(fields.map(\.number)).count == count && hashes.allSatisfy { $0.kind == .varint }
            && fields.allSatisfy { $0.number <= 5 || ($0.number <= 7 && $0.kind == .length) }
    }
}

/// Goes over the fields of one message without going into them.
private struct ProtobufWalk {
    private static let nameBytesMax: UInt64 = 256
    private var reader: ByteReader

    init(_ reader: ByteReader) { self.reader = reader }

    var isAtEnd: Bool { reader.remaining == 0 }

    mutating func next() throws(FormatFault) -> ProtobufSurvey.Field? {
        guard reader.remaining > 0 else { return nil }
        let offset = reader.offset
        let tag = try varint()
        guard tag >> 3 > 0, tag <= UInt64(UInt32.max) else { throw .invalid(.protobufTag, offset: offset) }
        let number = UInt32(tag >> 3)
        switch tag & 7 {
        case 0:
            _ = try varint()
            return field(number, .varint, 0)
        case 1: return field(number, .fixed64, 8)
        case 5: return field(number, .fixed32, 4)
        case 2:
            let length = try varint()
            return field(number, .length, length)
        default: throw .invalid(.protobufTag, offset: offset)
        }
    }

    /// A content that is longer than what is left ends where that ends: who reads the beginning uses it.
    private func field(_ number: UInt32, _ kind: ProtobufSurvey.Field.Kind, _ count: UInt64) -> ProtobufSurvey.Field {
        let start = reader.offset
        return ProtobufSurvey.Field(number: number, kind: kind, range: start..<(start + min(count, reader.remaining)))
    }

    /// Moves past the content.
    ///
    /// - Returns: whether it is a name.
    mutating func name(_ field: ProtobufSurvey.Field) throws(FormatFault) -> Bool {
        let count = field.range.upperBound - field.range.lowerBound
        guard field.kind == .length, (1...Self.nameBytesMax).contains(count) else {
            try reader.skip(count)
            return false
        }
        return try reader.bytes(Int(count)).allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: ">"), UInt8(ascii: "."),
                UInt8(ascii: "-"), UInt8(ascii: "/"), UInt8(ascii: ":"):
                true
            default: false
            }
        }
    }

    private mutating func varint() throws(FormatFault) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = try reader.uint8()
            guard shift < 63 || byte <= 1 else { break }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw .invalid(.protobufVarint, offset: reader.offset)
    }
}
