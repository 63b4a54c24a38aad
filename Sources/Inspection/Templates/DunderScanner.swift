/// Finds double-underscore names in text: written forwards or backwards, in small or capital letters.
enum DunderScanner {
    private static let wordBytesMax = 20
    private static let underscore = UInt8(ascii: "_")

    /// The first name of `TemplateVocabulary.dunders` in the text.
    static func first(in text: [UInt8]) -> String? {
        guard text.contains(underscore) else { return nil }
        let lowered = text.map { UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0 ? $0 | 0x20 : $0 }
        return scan(lowered) ?? scan(lowered.reversed())
    }

    private static func scan(_ text: [UInt8]) -> String? {
        var index = 0
        while index + 1 < text.count {
            if text[index] == underscore, text[index + 1] == underscore, let name = name(text, at: index) {
                return name
            }
            index += 1
        }
        return nil
    }

    /// `__word__` at `start`, if it is one of those that matter.
    private static func name(_ text: [UInt8], at start: Int) -> String? {
        var index = start + 2
        while index + 1 < text.count, index - start <= wordBytesMax {
            if text[index] == underscore, text[index + 1] == underscore {
                let name = String(decoding: text[start..<index + 2], as: UTF8.self)
                return TemplateVocabulary.dunders.contains(name) ? name : nil
            }
            index += 1
        }
        return nil
    }
}
