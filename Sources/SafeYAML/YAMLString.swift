/// Writes a string so that every reader reads the same string.
enum YAMLString {
    /// Words that YAML 1.1 (and so most readers) gives a meaning, in lowercase; readers differ in which spellings they
    /// take.
    private static let words: Set<String> = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"]
    private static let longestWord = 5

    static func append(_ text: String, to bytes: inout [UInt8]) {
        if isPlain(text) {
            bytes.append(contentsOf: text.utf8)
        } else {
            appendQuoted(text, to: &bytes)
        }
    }

    /// Plain are names, paths, digests and addresses: a letter first, so that it is no number, date or indicator; no
    /// spaces, so that neither `: ` nor ` #` can occur.
    private static func isPlain(_ text: String) -> Bool {
        guard let first = text.utf8.first, isLetter(first) || first == UInt8(ascii: "/") else { return false }
        guard text.utf8.last != UInt8(ascii: ":") else { return false }
        guard text.utf8.allSatisfy(isPlainByte) else { return false }
        return text.utf8.count > longestWord || !words.contains(text.lowercased())
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte
    }

    private static func isPlainByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"),
            UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "@"), UInt8(ascii: "+"):
            true
        default: isLetter(byte)
        }
    }

    private static func appendQuoted(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": bytes.append(contentsOf: #"\""#.utf8)
            case "\\": bytes.append(contentsOf: #"\\"#.utf8)
            case "\n": bytes.append(contentsOf: #"\n"#.utf8)
            case "\r": bytes.append(contentsOf: #"\r"#.utf8)
            case "\t": bytes.append(contentsOf: #"\t"#.utf8)
            default:
                if isShownAsItIs(scalar) {
                    bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
                } else {
                    appendEscape(scalar.value, to: &bytes)
                }
            }
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// YAML 1.2.2 section 5.1, without line separators, and without the characters that are not seen or that reorder
    /// those beside them: a person who reads the file must see what a program reads.
    private static func isShownAsItIs(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII {
            return scalar.value >= 0x20 && scalar.value < 0x7F
        }
        let isNoncharacter = scalar.value & 0xFFFE == 0xFFFE || (0xFDD0...0xFDEF).contains(scalar.value)
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse: return false
        default: return !isNoncharacter
        }
    }

    /// `\x` with two, `\u` with four or `\U` with eight digits.
    private static func appendEscape(_ value: UInt32, to bytes: inout [UInt8]) {
        let (letter, digits) = value <= 0xFF ? ("x", 2) : value <= 0xFFFF ? ("u", 4) : ("U", 8)
        let hex = String(value, radix: 16)
        bytes.append(UInt8(ascii: "\\"))
        bytes.append(contentsOf: letter.utf8)
        bytes.append(contentsOf: repeatElement(UInt8(ascii: "0"), count: digits - hex.utf8.count))
        bytes.append(contentsOf: hex.utf8)
    }
}
