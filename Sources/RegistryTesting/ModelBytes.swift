import StrictJSON

/// Tiny files that are what they say.
public enum ModelBytes {
    /// A GGUF file (version 3) with two tensors of 32 floats each, whose values follow from the seed.
    ///
    /// - Parameters:
    ///   - texts: more metadata.
    ///   - numbers: more metadata.
    public static func gguf(
        seed: UInt64 = 1, license: String? = nil, chatTemplate: String? = nil, texts: [(String, String)] = [],
        numbers: [(String, UInt32)] = []
    ) -> [UInt8] {
        var pairs = [("general.architecture", "llama")] + texts
        if let license { pairs.append(("general.license", license)) }
        if let chatTemplate { pairs.append(("tokenizer.chat_template", chatTemplate)) }
        let tensors = ["blk.0.attn_q.weight", "output.weight"]
        var bytes = Array("GGUF".utf8) + little(UInt32(3)) + little(UInt64(tensors.count))
        bytes += little(UInt64(pairs.count + numbers.count))
        for (key, value) in pairs { bytes += text(key) + little(UInt32(8)) + text(value) }
        for (key, number) in numbers { bytes += text(key) + little(UInt32(4)) + little(number) }
        for (index, name) in tensors.enumerated() {
            bytes += text(name) + little(UInt32(1)) + little(UInt64(valuesPerTensor)) + little(UInt32(0))
            bytes += little(UInt64(index * valuesPerTensor * 4))
        }
        bytes += Array(repeating: 0, count: (32 - bytes.count % 32) % 32)
        return bytes + floats(tensors.count * valuesPerTensor, seed)
    }

    /// A safetensors file with one tensor of 32 floats, whose values follow from the seed.
    public static func safetensors(seed: UInt64 = 1) -> [UInt8] {
        let end = 4 * valuesPerTensor
        let header = JSONValue.object([
            "__metadata__": ["format": "pt"],
            "weight": [
                "dtype": "F32", "shape": [.integer(valuesPerTensor)], "data_offsets": [0, .integer(end)],
            ],
        ]).encoded()
        let padding = (8 - header.count % 8) % 8
        return little(UInt64(header.count + padding)) + header + Array(repeating: UInt8(ascii: " "), count: padding)
            + floats(valuesPerTensor, seed)
    }

    /// Where the first value of a tensor lies in `gguf(seed:)`, so that a test can change it.
    public static func ggufTensorOffset(_ index: Int, in file: [UInt8]) -> Int {
        file.count - (2 - index) * valuesPerTensor * 4
    }

    private static let valuesPerTensor = 32

    private static func floats(_ count: Int, _ seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).flatMap { _ in little(Float.random(in: -1...1, using: &generator).bitPattern) }
    }

    private static func text(_ text: String) -> [UInt8] { little(UInt64(text.utf8.count)) + Array(text.utf8) }

    private static func little(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
