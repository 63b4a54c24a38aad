/// The fields of a message that are known, by their numbers.
///
/// A field that is not in its schema, or not encoded as its schema says, is skipped by the libraries that read such
/// files. So whatever hides there is an issue, and is handed to nobody.
struct ProtobufSchema: Sendable {
    enum Field: Sendable {
        /// One number, as a varint.
        case varint
        /// Any number of varints, alone or packed.
        case varints
        case fixed32
        case fixed32s
        case fixed64
        case fixed64s
        /// One text, run of bytes, or message.
        case bytes
        case repeatedBytes

        var isRepeated: Bool {
            switch self {
            case .varint, .fixed32, .fixed64, .bytes: false
            case .varints, .fixed32s, .fixed64s, .repeatedBytes: true
            }
        }

        func allows(_ value: ProtobufField.Value) -> Bool {
            switch (self, value) {
            case (.varint, .varint), (.varints, .varint), (.varints, .length), (.fixed32, .fixed32),
                (.fixed32s, .fixed32), (.fixed32s, .length), (.fixed64, .fixed64), (.fixed64s, .fixed64),
                (.fixed64s, .length), (.bytes, .length), (.repeatedBytes, .length):
                true
            default: false
            }
        }
    }

    /// Numbers up to here fit into the set of those that were seen.
    static let numberMax = 63

    let name: String
    private let fields: [Field?]

    init(_ name: String, _ fields: [Int: Field]) {
        self.name = name
        var table = [Field?](repeating: nil, count: Self.numberMax + 1)
        for (number, field) in fields where table.indices.contains(number) { table[number] = field }
        self.fields = table
    }

    subscript(number: UInt32) -> Field? { number <= UInt32(Self.numberMax) ? fields[Int(number)] : nil }
}

extension ProtobufSchema {
    /// An entry of a map from texts to texts or messages, which is how `StringStringEntryProto` is encoded, too.
    static let entry = ProtobufSchema("entry", [1: .bytes, 2: .bytes])
}
