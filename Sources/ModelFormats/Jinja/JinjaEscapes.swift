/// The escapes in a text of a template: those of Python, which Jinja decodes with `unicode-escape`.
enum JinjaEscapes {
    /// - Returns: the text, and whether an escape in it stands for an ASCII letter, digit or underscore, or for a
    ///   character by its name.
    static func resolve(_ content: ArraySlice<UInt8>) -> (text: String, spellsNames: Bool) {
        guard content.contains(UInt8(ascii: "\\")) else {
            return (String(decoding: content, as: UTF8.self), false)
        }
        var text: [UInt8] = []
        var spellsNames = false
        var index = content.startIndex
        while index < content.endIndex {
            let byte = content[index]
            index += 1
            guard byte == UInt8(ascii: "\\"), index < content.endIndex else {
                text.append(byte)
                continue
            }
            let kind = content[index]
            index += 1
            if let simple = simple(kind) {
                text.append(contentsOf: simple)
            } else if let code = code(kind, content, &index), let scalar = Unicode.Scalar(code) {
                spellsNames = spellsNames || isNamePart(code)
                text.append(contentsOf: String(scalar).utf8)
            } else {
                spellsNames = spellsNames || kind == UInt8(ascii: "N")
                text.append(contentsOf: [byte, kind])
            }
        }
        return (String(decoding: text, as: UTF8.self), spellsNames)
    }

    private static func isNamePart(_ code: UInt32) -> Bool {
        switch code {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
    }

    private static func simple(_ kind: UInt8) -> [UInt8]? {
        switch kind {
        case UInt8(ascii: "n"): [0x0A]
        case UInt8(ascii: "t"): [0x09]
        case UInt8(ascii: "r"): [0x0D]
        case UInt8(ascii: "a"): [0x07]
        case UInt8(ascii: "b"): [0x08]
        case UInt8(ascii: "f"): [0x0C]
        case UInt8(ascii: "v"): [0x0B]
        case UInt8(ascii: "\\"), UInt8(ascii: "'"), UInt8(ascii: "\""): [kind]
        case 0x0A: []
        default: nil
        }
    }

    private static func code(_ kind: UInt8, _ content: ArraySlice<UInt8>, _ index: inout Int) -> UInt32? {
        switch kind {
        case UInt8(ascii: "x"): return digits(2, radix: 16, content, &index)
        case UInt8(ascii: "u"): return digits(4, radix: 16, content, &index)
        case UInt8(ascii: "U"): return digits(8, radix: 16, content, &index)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            index -= 1
            let octal = content[index...].prefix(3).prefix { (UInt8(ascii: "0")...UInt8(ascii: "7")).contains($0) }
            return digits(octal.count, radix: 8, content, &index)
        default: return nil
        }
    }

    private static func digits(
        _ count: Int, radix: Int, _ content: ArraySlice<UInt8>, _ index: inout Int
    ) -> UInt32? {
        let text = content[index...].prefix(count)
        // A sign would be part of a number for Swift, but not for Python.
        guard text.count == count, text.first != UInt8(ascii: "+"),
            let value = UInt32(String(decoding: text, as: UTF8.self), radix: radix)
        else { return nil }
        index += count
        return value
    }
}
