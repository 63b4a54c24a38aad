import Inspection
import ModelFormats

/// Inspects a small file of each common format before the first child is started.
///
/// What the program and the language's runtime find out while they do something for the first time is found out here
/// once, and shared by all children; a child that begins with it spends most of its life on it. The files are ours, and
/// what comes of them is forgotten.
enum InspectionRehearsal {
    static func run() {
        for (name, bytes) in files {
            _ = Inspector.inspect(source: MemoryByteSource(bytes), name: name).encoded()
        }
    }

    /// By names that go with the contents.
    static var files: [(name: String, bytes: [UInt8])] {
        [
            ("config.json", Array(#"{"architectures": ["LlamaForCausalLM"], "vocab_size": 2}"#.utf8)),
            ("tokenizer_config.json", Array(#"{"chat_template": "\(template)"}"#.utf8)),
            ("README.md", Array("---\nlicense: apache-2.0\n---\n# A model\n".utf8)),
            ("model.gguf", gguf), ("model.safetensors", safetensors),
        ]
    }

    private static let template = "{% for message in messages %}{{ message['content'] }}{% endfor %}"

    private static var safetensors: [UInt8] {
        let header = #"{"__metadata__":{"format":"pt"},"weight":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#
        return littleEndian(UInt64(header.utf8.count)) + Array(header.utf8) + [0, 0, 0, 0]
    }

    /// Version 3, metadata of the types that models have, and one tensor of 32 bytes.
    private static var gguf: [UInt8] {
        let metadata = [
            entry("general.architecture", type: 8, text("llama")),
            entry("general.alignment", type: 4, littleEndian(UInt32(32))),
            entry("llama.rope.freq_base", type: 6, littleEndian(Float(10_000).bitPattern)),
            entry("tokenizer.ggml.add_bos_token", type: 7, [1]),
            entry("tokenizer.ggml.tokens", type: 9, array(of: 8, [text("<s>"), text("</s>")])),
            entry("tokenizer.ggml.token_type", type: 9, array(of: 5, [3, 1].map { littleEndian(UInt32($0)) })),
            entry("tokenizer.chat_template", type: 8, text(template)),
        ]
        var bytes = Array("GGUF".utf8) + littleEndian(UInt32(3)) + littleEndian(UInt64(1))
        bytes += littleEndian(UInt64(metadata.count)) + metadata.flatMap(\.self)
        bytes += text("token_embd.weight") + littleEndian(UInt32(1)) + littleEndian(UInt64(32))
        bytes += littleEndian(UInt32(24)) + littleEndian(UInt64(0))
        bytes += [UInt8](repeating: 0, count: (32 - bytes.count % 32) % 32)
        return bytes + [UInt8](repeating: 0, count: 32)
    }

    private static func entry(_ key: String, type: UInt32, _ value: [UInt8]) -> [UInt8] {
        text(key) + littleEndian(type) + value
    }

    private static func array(of type: UInt32, _ elements: [[UInt8]]) -> [UInt8] {
        littleEndian(type) + littleEndian(UInt64(elements.count)) + elements.flatMap(\.self)
    }

    private static func text(_ text: String) -> [UInt8] {
        littleEndian(UInt64(text.utf8.count)) + Array(text.utf8)
    }

    private static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
        withUnsafeBytes(of: number.littleEndian) { Array($0) }
    }
}
