/// Writes messages of Protocol Buffers for tests, field by field, right or wrong.
struct ProtobufBuilder {
    private(set) var bytes: [UInt8] = []

    init() {}

    static func message(_ build: (inout ProtobufBuilder) -> Void) -> [UInt8] {
        var builder = ProtobufBuilder()
        build(&builder)
        return builder.bytes
    }

    static func varint(_ value: UInt64) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(rest)]
    }

    mutating func tag(_ number: UInt64, _ wireType: UInt64) { bytes += Self.varint(number << 3 | wireType) }

    mutating func varint(_ number: UInt64, _ value: UInt64) {
        tag(number, 0)
        bytes += Self.varint(value)
    }

    mutating func fixed32(_ number: UInt64, _ value: UInt32) {
        tag(number, 5)
        bytes += Bytes.little(value)
    }

    mutating func data(_ number: UInt64, _ content: [UInt8]) {
        tag(number, 2)
        bytes += Self.varint(UInt64(content.count)) + content
    }

    mutating func text(_ number: UInt64, _ text: String) { data(number, Array(text.utf8)) }

    mutating func message(_ number: UInt64, _ build: (inout ProtobufBuilder) -> Void) {
        data(number, Self.message(build))
    }

    mutating func packed(_ number: UInt64, _ values: [UInt64]) { data(number, values.flatMap(Self.varint)) }

    /// An entry of a map, or of a list of pairs.
    mutating func entry(_ number: UInt64, _ key: String, _ value: String) {
        message(number) { entry in
            entry.text(1, key)
            entry.text(2, value)
        }
    }

    mutating func entry(_ number: UInt64, _ key: String, _ build: (inout ProtobufBuilder) -> Void) {
        message(number) { entry in
            entry.text(1, key)
            entry.message(2, build)
        }
    }

    mutating func raw(_ more: [UInt8]) { bytes += more }
}
