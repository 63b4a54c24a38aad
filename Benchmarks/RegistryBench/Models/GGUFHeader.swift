/// The header of a GGUF file, version 3: metadata with a vocabulary, and the table of tensors.
struct GGUFHeader {
    private static let alignment: UInt64 = 32

    /// `ggml_type` numbers, and what a block of elements takes.
    private enum ElementType: UInt32 {
        case f32 = 0
        case q4K = 12
        case q6K = 14
        case i8 = 24

        func bytes(_ elements: UInt64) -> UInt64 {
            switch self {
            case .f32: elements * 4
            case .q4K: elements / 256 * 144
            case .q6K: elements / 256 * 210
            case .i8: elements
            }
        }
    }

    let bytes: [UInt8]

    init(_ shape: ModelShape) {
        var metadata = Metadata()
        metadata.add("general.architecture", "llama")
        metadata.add("general.name", "Benchmark")
        metadata.add("general.license", "apache-2.0")
        metadata.add("general.file_type", UInt32(15))
        metadata.add("llama.block_count", UInt32(shape.layers))
        metadata.add("llama.context_length", UInt32(8_192))
        metadata.add("llama.embedding_length", UInt32(shape.embedding))
        metadata.add("llama.feed_forward_length", UInt32(shape.feedForward))
        metadata.add("tokenizer.ggml.model", "gpt2")
        metadata.add("tokenizer.ggml.tokens", (0..<shape.vocabulary).map { "token\($0)" })
        metadata.add("tokenizer.ggml.token_type", (0..<shape.vocabulary).map { _ in Int32(1) })
        metadata.add("tokenizer.ggml.merges", (0..<280_000).map { "tok\($0) en" })
        metadata.add(
            "tokenizer.chat_template",
            "{% for message in messages %}{{ message['role'] }}: {{ message['content'] }}\n{% endfor %}")
        bytes = Self.encode(
            metadata, shape.tensors.map { ($0.name, $0.shape, Self.type(of: $0)) })
    }

    static func size(of tensor: ModelShape.Tensor) -> UInt64 { type(of: tensor).bytes(tensor.elements) }

    /// A file with one tensor of bytes, for files whose content is of no interest.
    static func ofOneTensor(elements: UInt64, name: String = "one") -> [UInt8] {
        var metadata = Metadata()
        metadata.add("general.architecture", "llama")
        metadata.add("general.name", name)
        return encode(metadata, [("token_embd.weight", [elements], .i8)])
    }

    /// A file with tensors in Q4_K alone, of so many elements each.
    static func ofQuantized(tensors: Int, elements: UInt64) -> [UInt8] {
        var metadata = Metadata()
        metadata.add("general.architecture", "llama")
        return encode(metadata, (0..<tensors).map { ("blk.\($0).ffn_up.weight", [elements], .q4K) })
    }

    private static func type(of tensor: ModelShape.Tensor) -> ElementType {
        tensor.isSmall ? .f32 : tensor.isPrecise ? .q6K : .q4K
    }

    /// Every tensor here takes a multiple of the alignment, so that there is padding after the header alone.
    private static func encode(_ metadata: Metadata, _ tensors: [(String, [UInt64], ElementType)]) -> [UInt8] {
        var bytes = Array("GGUF".utf8)
        bytes.append(little: UInt32(3))
        bytes.append(little: UInt64(tensors.count))
        bytes.append(little: metadata.count)
        bytes += metadata.bytes
        var offset: UInt64 = 0
        for (name, shape, type) in tensors {
            bytes.append(string: name)
            bytes.append(little: UInt32(shape.count))
            for dimension in shape { bytes.append(little: dimension) }
            bytes.append(little: type.rawValue)
            bytes.append(little: offset)
            offset += type.bytes(shape.reduce(1, *))
        }
        let padding = (alignment - UInt64(bytes.count) % alignment) % alignment
        return bytes + [UInt8](repeating: 0, count: Int(padding))
    }

    private struct Metadata {
        private(set) var count: UInt64 = 0
        private(set) var bytes: [UInt8] = []

        mutating func add(_ key: String, _ value: String) {
            begin(key, type: 8)
            bytes.append(string: value)
        }

        mutating func add(_ key: String, _ value: UInt32) {
            begin(key, type: 4)
            bytes.append(little: value)
        }

        mutating func add(_ key: String, _ values: [String]) {
            beginArray(key, of: 8, values.count)
            for value in values { bytes.append(string: value) }
        }

        mutating func add(_ key: String, _ values: [Int32]) {
            beginArray(key, of: 5, values.count)
            for value in values { bytes.append(little: UInt32(bitPattern: value)) }
        }

        private mutating func begin(_ key: String, type: UInt32) {
            count += 1
            bytes.append(string: key)
            bytes.append(little: type)
        }

        private mutating func beginArray(_ key: String, of type: UInt32, _ elements: Int) {
            begin(key, type: 9)
            bytes.append(little: type)
            bytes.append(little: UInt64(elements))
        }
    }
}

extension [UInt8] {
    mutating func append<Number: FixedWidthInteger>(little number: Number) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }

    fileprivate mutating func append(string: String) {
        append(little: UInt64(string.utf8.count))
        append(contentsOf: string.utf8)
    }
}
