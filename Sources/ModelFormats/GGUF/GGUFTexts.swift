/// Texts of a GGUF header that are not kept as metadata, long ones and those in arrays, to be searched.
public struct GGUFTexts: Sendable, Hashable {
    public struct Text: Sendable, Hashable {
        public let key: String
        public let bytes: [UInt8]
        public let offset: UInt64
    }

    private static let bytesMax: UInt64 = 2 << 20
    /// What a text costs at least.
    private static let cost: UInt64 = 16
    private static let tokenizer = "tokenizer."

    public private(set) var kept: [Text] = []
    /// Texts for which there was no room.
    public private(set) var dropped = 0
    private var bytes: UInt64 = 0

    /// Whether the text is one to be searched, and there is room for it. A vocabulary is none.
    mutating func takes(_ length: UInt64, key: String, isTemplate: Bool) -> Bool {
        guard isTemplate || !key.utf8.starts(with: Self.tokenizer.utf8) else { return false }
        guard length <= Self.bytesMax, bytes + length + Self.cost <= Self.bytesMax else {
            dropped += 1
            return false
        }
        return true
    }

    mutating func add(key: String, bytes text: [UInt8], offset: UInt64) {
        bytes += UInt64(text.count) + Self.cost
        kept.append(Text(key: key, bytes: text, offset: offset))
    }
}

/// What a GGUF header says of each token: text, score and type stand in lists of their own, which readers walk through
/// together.
enum GGUFVocabulary {
    private static let tokens = "tokenizer.ggml.tokens"
    private static let companions = ["tokenizer.ggml.scores", "tokenizer.ggml.token_type"]

    /// Where a list stands that has not an element for each token.
    static func contradiction(in metadata: [GGUFMetadata]) -> UInt64? {
        guard let tokens = metadata.first(where: { $0.key == tokens }) else { return nil }
        guard case .array(of: .string, let count) = tokens.value else { return tokens.offset }
        for entry in metadata where companions.contains(entry.key) {
            guard case .array(_, count) = entry.value else { return entry.offset }
        }
        return nil
    }
}
