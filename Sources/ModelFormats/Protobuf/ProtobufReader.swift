/// Pulls the fields of nested messages out of a source, one by one (the wire format of Protocol Buffers).
///
/// What is not asked for is skipped without being read, so that memory depends neither on the size of the file nor on
/// the size of a field. Groups, which no format here uses, are refused.
struct ProtobufReader {
    private struct Frame {
        let schema: ProtobufSchema
        let end: UInt64
        /// A bit for each number that was met.
        var seen: UInt64 = 0
    }

    private static let messageCost: UInt64 = 16

    private(set) var reader: ByteReader
    private let limits: ProtobufLimits
    private var frames: [Frame]
    /// Where the content of the last field ends, if nobody took it.
    private var contentEnd: UInt64
    private var fieldsLeft: UInt64
    private(set) var issues: [ProtobufIssue] = []
    private var issueRoom: IssueRoom<ProtobufIssue.Kind>
    var issuesDropped: Int { issueRoom.dropped }

    init(_ source: any ByteSource, as schema: ProtobufSchema, limits: ProtobufLimits = .standard) {
        reader = ByteReader(source)
        self.limits = limits
        issueRoom = IssueRoom(perKindMax: limits.issuesPerKindMax)
        frames = [Frame(schema: schema, end: reader.end)]
        contentEnd = 0
        fieldsLeft = limits.fieldsMax
    }

    /// Messages around the one that is being read.
    var depth: Int { frames.count - 1 }

    /// The next field of the innermost message that its schema knows; `nil` at the end of the message, which is left
    /// with that.
    mutating func next() throws(FormatFault) -> ProtobufField? {
        while true {
            if reader.offset < contentEnd { try reader.skip(contentEnd - reader.offset) }
            guard let last = frames.indices.last else { return nil }
            if reader.offset >= frames[last].end {
                frames.removeLast()
                return nil
            }
            let field = try readField(before: frames[last].end)
            contentEnd = reader.offset + field.lengthBytes
            if isKnown(field, in: last) { return field }
        }
    }

    /// Goes into the message that the last field holds. Ask for its fields until there are none.
    mutating func enter(_ schema: ProtobufSchema) throws(FormatFault) {
        guard frames.count <= limits.depthMax else { throw .limitExceeded(.protobufDepth, offset: reader.offset) }
        guard fieldsLeft >= Self.messageCost else { throw .limitExceeded(.protobufFields, offset: reader.offset) }
        fieldsLeft -= Self.messageCost
        frames.append(Frame(schema: schema, end: max(contentEnd, reader.offset)))
        contentEnd = reader.offset
    }

    /// The content of the last field.
    ///
    /// - Returns: `nil` if it is longer than `countMax`.
    mutating func bytes(_ field: ProtobufField, countMax: Int) throws(FormatFault) -> [UInt8]? {
        guard field.lengthBytes <= UInt64(countMax) else { return nil }
        return try reader.bytes(Int(field.lengthBytes))
    }

    /// How many varints the last field holds, packed or alone.
    mutating func countVarints(_ field: ProtobufField) throws(FormatFault) -> UInt64 {
        guard case .length(let length) = field.value else { return 1 }
        var count: UInt64 = 0
        try reader.forEachChunk(length) { chunk in
            for index in chunk.indices where chunk[index] < 0x80 { count += 1 }
        }
        return count
    }

    /// The varints that the last field holds.
    ///
    /// - Parameter countMax: more are an error of the limit.
    mutating func varints(
        _ field: ProtobufField, into values: inout [UInt64], countMax: Int
    ) throws(FormatFault) {
        switch field.value {
        case .varint(let value):
            guard values.count < countMax else { throw .limitExceeded(.protobufNumbers, offset: field.offset) }
            values.append(value)
        case .length(let length):
            let end = reader.offset + length
            while reader.offset < end {
                guard values.count < countMax else { throw .limitExceeded(.protobufNumbers, offset: field.offset) }
                values.append(try varint(before: end))
            }
        case .fixed32, .fixed64: break
        }
    }

    private mutating func readField(before end: UInt64) throws(FormatFault) -> ProtobufField {
        let offset = reader.offset
        guard fieldsLeft > 0 else { throw .limitExceeded(.protobufFields, offset: offset) }
        fieldsLeft -= 1
        let tag = try varint(before: end)
        let number = tag >> 3
        guard number > 0, tag <= UInt64(UInt32.max) else { throw .invalid(.protobufTag, offset: offset) }
        let value: ProtobufField.Value
        switch tag & 7 {
        case 0: value = .varint(try varint(before: end))
        case 1:
            try require(8, before: end)
            value = .fixed64(try reader.uint64())
        case 2:
            let length = try varint(before: end)
            try require(length, before: end)
            value = .length(length)
        case 5:
            try require(4, before: end)
            value = .fixed32(try reader.uint32())
        case 3, 4: throw .invalid(.protobufGroup, offset: offset)
        default: throw .invalid(.protobufTag, offset: offset)
        }
        return ProtobufField(number: UInt32(number), value: value, offset: offset)
    }

    private func require(_ count: UInt64, before end: UInt64) throws(FormatFault) {
        guard count <= end - min(reader.offset, end) else {
            // A content that crosses the end of its message is wrong; one that crosses the end of the file is cut.
            if end == reader.end { throw .truncated(offset: end) }
            throw .invalid(.protobufLength, offset: reader.offset)
        }
    }

    private mutating func varint(before end: UInt64) throws(FormatFault) -> UInt64 {
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while true {
            try require(1, before: end)
            let byte = try reader.uint8()
            // The tenth byte has room for one bit.
            guard shift < 63 || byte <= 1 else { throw .invalid(.protobufVarint, offset: reader.offset - 1) }
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
            shift += 7
        }
    }

    private mutating func isKnown(_ field: ProtobufField, in frame: Int) -> Bool {
        let schema = frames[frame].schema
        guard let known = schema[field.number] else {
            add(.unknownField, field, schema)
            return false
        }
        guard known.allows(field.value) else {
            add(.wireType, field, schema)
            return false
        }
        let bit = UInt64(1) << UInt64(field.number)
        if !known.isRepeated, frames[frame].seen & bit != 0 { add(.duplicateField, field, schema) }
        frames[frame].seen |= bit
        return true
    }

    private mutating func add(_ kind: ProtobufIssue.Kind, _ field: ProtobufField, _ schema: ProtobufSchema) {
        guard issueRoom.takes(kind) else { return }
        issues.append(
            ProtobufIssue(kind: kind, subject: "\(schema.name), field \(field.number)", offset: field.offset))
    }
}
