/// Reads which operators a model of TensorFlow Lite needs beyond those that are built in, and nothing else of it.
///
/// The file is a FlatBuffer: tables whose fields are found by offsets. Every offset is followed forward and within the
/// file.
public enum TensorFlowLiteReader {
    static let operatorsMax = 10_000
    private static let nameBytesMax: UInt64 = 1_024

    /// An operator by its name, and where that stands.
    public struct Operator: Sendable, Hashable {
        public let name: String
        public let offset: UInt64
    }

    /// - Throws: `.truncated` where an offset leads out of the file.
    public static func customOperators(_ source: any ByteSource) throws(FormatFault) -> [Operator] {
        let model = try Table(source, at: UInt64(try uint32(source, at: 0)))
        guard let codes = try model.target(of: 1) else { return [] }
        let count = try uint32(source, at: codes)
        guard count <= operatorsMax else { throw .limitExceeded(.tensorFlowOperators, offset: codes) }
        var operators: [Operator] = []
        for index in 0..<UInt64(count) {
            let place = codes + 4 + 4 * index
            let code = try Table(source, at: place + UInt64(try uint32(source, at: place)))
            guard let name = try code.target(of: 1) else { continue }
            let length = UInt64(try uint32(source, at: name))
            guard length <= nameBytesMax else { throw .limitExceeded(.tensorFlowNameBytes, offset: name) }
            let bytes = try source.bytes(at: name + 4, count: Int(length))
            operators.append(Operator(name: String(decoding: bytes, as: UTF8.self), offset: name))
        }
        return operators
    }

    /// A table: it begins with the distance, backwards, to the list of its fields.
    private struct Table {
        private let source: any ByteSource
        private let start: UInt64
        private let fields: UInt64
        private let fieldsBytes: UInt64

        init(_ source: any ByteSource, at start: UInt64) throws(FormatFault) {
            self.source = source
            self.start = start
            let distance = Int64(Int32(bitPattern: try uint32(source, at: start)))
            let (fields, overflow) = Int64(start).subtractingReportingOverflow(distance)
            guard !overflow, fields >= 0 else { throw .truncated(offset: start) }
            self.fields = UInt64(fields)
            fieldsBytes = UInt64(try uint16(source, at: self.fields))
        }

        /// Where the vector, text or table is that a field leads to; `nil` if the table has no such field.
        func target(of field: UInt64) throws(FormatFault) -> UInt64? {
            let entry = 4 + 2 * field
            guard entry + 2 <= fieldsBytes else { return nil }
            let offset = UInt64(try uint16(source, at: fields + entry))
            guard offset > 0 else { return nil }
            return start + offset + UInt64(try uint32(source, at: start + offset))
        }
    }

    private static func uint32(_ source: any ByteSource, at offset: UInt64) throws(FormatFault) -> UInt32 {
        try number(source, at: offset, count: 4)
    }

    private static func uint16(_ source: any ByteSource, at offset: UInt64) throws(FormatFault) -> UInt32 {
        try number(source, at: offset, count: 2)
    }

    private static func number(
        _ source: any ByteSource, at offset: UInt64, count: Int
    ) throws(FormatFault) -> UInt32 {
        guard offset < source.sizeBytes, source.sizeBytes - offset >= UInt64(count) else {
            throw .truncated(offset: source.sizeBytes)
        }
        return try source.bytes(at: offset, count: count).reversed().reduce(0) { $0 << 8 | UInt32($1) }
    }
}
