/// The tensors of a llama-like model, as many layers as bring it to a size.
struct ModelShape: Sendable {
    struct Tensor: Sendable {
        var name: String
        var shape: [UInt64]
        /// Embeddings and outputs are kept more precisely than the rest.
        var isPrecise: Bool
        /// One-dimensional: norms.
        var isSmall: Bool { shape.count == 1 }
        var elements: UInt64 { shape.reduce(1, *) }
    }

    let embedding: UInt64
    let feedForward: UInt64
    let keyValue: UInt64
    let vocabulary: UInt64 = 128_256
    private(set) var layers = 0
    private(set) var tensors: [Tensor] = []

    /// - Parameters:
    ///   - bytes: about how large all tensors together are to be.
    ///   - size: bytes of a tensor in the format that is written.
    init(bytes: UInt64, size: (Tensor) -> UInt64) {
        // As Llama 3 has them at 8 and at 1 billion parameters.
        let isLarge = bytes >= 2 << 30
        embedding = isLarge ? 4_096 : 2_048
        feedForward = isLarge ? 14_336 : 8_192
        keyValue = isLarge ? 1_024 : 512
        add("token_embd.weight", [embedding, vocabulary], isPrecise: true)
        add("output_norm.weight", [embedding])
        add("output.weight", [embedding, vocabulary], isPrecise: true)
        var total = tensors.reduce(0) { $0 + size($1) }
        while total < bytes {
            let first = tensors.count
            addLayer()
            total += tensors[first...].reduce(0) { $0 + size($1) }
        }
    }

    private mutating func addLayer() {
        let prefix = "blk.\(layers)"
        layers += 1
        add("\(prefix).attn_norm.weight", [embedding])
        add("\(prefix).attn_q.weight", [embedding, embedding])
        add("\(prefix).attn_k.weight", [embedding, keyValue])
        add("\(prefix).attn_v.weight", [embedding, keyValue])
        add("\(prefix).attn_output.weight", [embedding, embedding])
        add("\(prefix).ffn_norm.weight", [embedding])
        add("\(prefix).ffn_gate.weight", [embedding, feedForward])
        add("\(prefix).ffn_up.weight", [embedding, feedForward])
        add("\(prefix).ffn_down.weight", [feedForward, embedding])
    }

    private mutating func add(_ name: String, _ shape: [UInt64], isPrecise: Bool = false) {
        tensors.append(Tensor(name: name, shape: shape, isPrecise: isPrecise))
    }
}
