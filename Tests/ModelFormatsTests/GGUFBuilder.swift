import ModelFormats

/// Writes GGUF files for tests, honest ones and others.
struct GGUFBuilder {
    struct Tensor {
        var name: [UInt8]
        var shape: [UInt64]
        var type: UInt32
        /// `nil`: where an honest writer would put it.
        var offset: UInt64?

        init(_ name: String, _ shape: [UInt64], _ type: GGMLType = .f32, offset: UInt64? = nil) {
            self.name = Array(name.utf8)
            self.shape = shape
            self.type = type.rawValue
            self.offset = offset
        }
    }

    var version: UInt32 = 3
    var alignment: UInt64 = 32
    var pairs: [(key: [UInt8], value: [UInt8])] = []
    var tensors: [Tensor] = []
    /// What the header claims, if it differs from the truth.
    var tensorCount: UInt64?
    var pairCount: UInt64?
    /// Bytes of the data section; `nil`: as many as the tensors need.
    var dataBytes: UInt64?
    var padding: UInt8 = 0
    var trailing: [UInt8] = []

    /// An architecture and one tensor of 32 elements.
    static var ordinary: GGUFBuilder {
        var builder = GGUFBuilder()
        builder.string("general.architecture", "llama")
        builder.tensors = [Tensor("blk.0.attn_q.weight", [32])]
        return builder
    }

    mutating func pair(_ key: String, _ type: UInt32, _ payload: [UInt8]) {
        pairs.append((Array(key.utf8), Bytes.little(type) + payload))
    }

    mutating func string(_ key: String, _ value: String) {
        pair(key, 8, Bytes.text(value))
    }

    mutating func uint32(_ key: String, _ value: UInt32) {
        pair(key, 4, Bytes.little(value))
    }

    mutating func strings(_ key: String, _ values: [String]) {
        pair(key, 9, Bytes.little(UInt32(8)) + Bytes.little(UInt64(values.count)) + values.flatMap(Bytes.text))
    }

    /// The bytes before the data section, without its padding.
    func header() -> [UInt8] {
        var bytes = Array("GGUF".utf8) + Bytes.little(version)
        bytes += Bytes.little(tensorCount ?? UInt64(tensors.count))
        bytes += Bytes.little(pairCount ?? UInt64(pairs.count))
        for pair in pairs {
            bytes += Bytes.little(UInt64(pair.key.count)) + pair.key + pair.value
        }
        var next: UInt64 = 0
        for tensor in tensors {
            bytes += Bytes.little(UInt64(tensor.name.count)) + tensor.name
            bytes += Bytes.little(UInt32(tensor.shape.count)) + tensor.shape.flatMap(Bytes.little)
            bytes += Bytes.little(tensor.type) + Bytes.little(tensor.offset ?? next)
            next = Bytes.roundUp(next &+ size(of: tensor), alignment)
        }
        return bytes
    }

    private func size(of tensor: Tensor) -> UInt64 {
        let elements = tensor.shape.reduce(1, &*)
        return GGMLType(rawValue: tensor.type)?.sizeBytes(elements: elements) ?? 0
    }

    func build() -> [UInt8] {
        var bytes = header()
        let start = Bytes.roundUp(UInt64(bytes.count), alignment)
        bytes += [UInt8](repeating: padding, count: Int(start) - bytes.count)
        var end: UInt64 = 0
        for tensor in tensors {
            end = Bytes.roundUp(end, alignment) + size(of: tensor)
        }
        let count = dataBytes ?? end
        bytes += (0..<Int(count)).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ 7) }
        // What lies between tensors is padding, not data.
        var cursor: UInt64 = 0
        for tensor in tensors where dataBytes == nil {
            for index in cursor..<Bytes.roundUp(cursor, alignment) { bytes[Int(start + index)] = padding }
            cursor = Bytes.roundUp(cursor, alignment) + size(of: tensor)
        }
        return bytes + trailing
    }
}

/// Numbers and texts as binary formats write them.
enum Bytes {
    static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian, Array.init)
    }

    static func text(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + Array(text.utf8) }

    static func roundUp(_ value: UInt64, _ alignment: UInt64) -> UInt64 {
        (value &+ alignment &- 1) / alignment &* alignment
    }
}
