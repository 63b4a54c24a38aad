import StrictJSON

/// Small files of the formats that models come in, made without the modules that read them.
public enum ModelFiles {
    /// A tensor of 32-bit floats.
    public struct Tensor: Sendable {
        public var name: String
        public var shape: [UInt64]

        public init(_ name: String, _ shape: [UInt64]) {
            self.name = name
            self.shape = shape
        }

        var bytes: Int { shape.reduce(4) { $0 * Int($1) } }
    }

    public static let tensors = [Tensor("token_embd.weight", [4, 2]), Tensor("output_norm.weight", [8])]

    /// Version 3, little-endian: an architecture, a name, and tensors. Files of different seeds differ.
    public static func gguf(_ seed: Int = 0, tensors: [Tensor] = tensors) -> [UInt8] {
        var file = Array("GGUF".utf8) + little(UInt32(3)) + little(UInt64(tensors.count)) + little(UInt64(2))
        for (key, value) in [("general.architecture", "bert"), ("general.name", "tiny-\(seed)")] {
            file += text(key) + little(UInt32(8)) + text(value)
        }
        var data: [UInt8] = []
        for (number, tensor) in tensors.enumerated() {
            file += text(tensor.name) + little(UInt32(tensor.shape.count)) + tensor.shape.flatMap { little($0) }
            file += little(UInt32(0)) + little(UInt64(data.count))
            data += floats(tensor.bytes / 4, seed: seed + number)
            data += [UInt8](repeating: 0, count: (32 - data.count % 32) % 32)
        }
        return file + [UInt8](repeating: 0, count: (32 - file.count % 32) % 32) + data
    }

    /// The place of a tensor's first byte in `gguf(seed, tensors:)`.
    public static func offset(ofTensor index: Int, in tensors: [Tensor] = tensors, seed: Int = 0) -> Int {
        let file = gguf(seed, tensors: tensors)
        let lengths = tensors[index...].map { ($0.bytes + 31) / 32 * 32 }
        return file.count - lengths.reduce(0, +)
    }

    /// One whose last tensor is not all there.
    public static let truncatedGGUF = Array(gguf(1).dropLast(40))

    /// Two tensors. Files of different seeds differ.
    public static func safetensors(_ seed: Int = 0) -> [UInt8] {
        var header = Array(
            #"{"weights":{"dtype":"F32","shape":[4,2],"data_offsets":[0,32]},"#.utf8)
        header += Array(#""bias":{"dtype":"F32","shape":[2],"data_offsets":[32,40]}}"#.utf8)
        header += [UInt8](repeating: UInt8(ascii: " "), count: (8 - header.count % 8) % 8)
        return little(UInt64(header.count)) + header + floats(8, seed: seed) + floats(2, seed: seed + 1)
    }

    /// What Python's `pickle.dumps` writes for a harmless dictionary, protocol 2.
    public static let pickle: [UInt8] =
        [0x80, 2] + Array("}q".utf8) + [0] + Array("X".utf8) + [7, 0, 0, 0] + Array("weightsq".utf8) + [1]
        + Array("]q".utf8) + [2] + Array("(K".utf8) + [1] + Array("K".utf8) + [2] + Array("K".utf8) + [3]
        + Array("es.".utf8)

    /// Bytes of no format.
    public static func noise(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
        var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
        return (0..<count).map { _ in
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return UInt8(truncatingIfNeeded: state >> 24) | 0x80
        }
    }

    /// A GGUF file of about so many bytes.
    public static func largeGGUF(_ seed: Int, megabytes: Int) -> [UInt8] {
        gguf(seed, tensors: [Tensor("blk.0.ffn_up.weight", [1_024, UInt64(megabytes) * 256])])
    }

    private static func floats(_ count: Int, seed: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 4)
        for index in 0..<count {
            bytes += little((Float(seed % 1_000) + Float(index % 8_191) / 8 + 0.5).bitPattern)
        }
        return bytes
    }

    private static func little(_ value: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: value.littleEndian) { Array($0) }
    }

    private static func text(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + Array(text.utf8) }
}
