/// Texts from which a template could put together a name such as `__class__`.
enum TemplatePieces {
    private static let underscore = UInt8(ascii: "_")
    /// Longer texts are prose.
    private static let bytesMax = 256

    /// What is suspicious about a text that stands in a template.
    static func reason(_ text: String) -> String? {
        let bytes = Array(text.utf8)
        if isHalfDunder(bytes) { return text }
        guard bytes.count <= bytesMax else { return nil }
        // `'_ _ class _ _'.split()|join`
        let letters = bytes.filter { $0 == underscore || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 | 0x20 }
        return letters.count < bytes.count && DunderScanner.first(in: letters) != nil ? text : nil
    }

    /// What is suspicious about a text that a template builds.
    static func reason(ofBuilt text: [UInt8]) -> String? {
        guard isHalfDunder(text) || text.count >= 2 && text.allSatisfy({ $0 == underscore }) else { return nil }
        return "a text that begins or ends with two underscores"
    }

    /// Whether it is the beginning or the end of such a name, and more than underscores.
    private static func isHalfDunder(_ text: [UInt8]) -> Bool {
        guard text.count > 2, text.contains(where: { $0 != underscore }) else { return false }
        return text.starts(with: "__".utf8) != text.suffix(2).elementsEqual("__".utf8)
    }
}
