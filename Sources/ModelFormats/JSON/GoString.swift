/// Strings as Go's `encoding/json` writes them.
enum GoString {
    private static let hex = Array("0123456789abcdef".utf8)
    private static let replacement: [UInt8] = [0xEF, 0xBF, 0xBD]

    static func escape(_ text: [UInt8], into result: inout [UInt8]) {
        var index = 0
        while index < text.count {
            let byte = text[index]
            if byte < 0x80 {
                escapeASCII(byte, into: &result)
                index += 1
            } else if let length = lengthOfScalar(text, at: index) {
                // U+2028 and U+2029 end a line in JavaScript.
                if byte == 0xE2, text[index + 1] == 0x80, text[index + 2] & 0xFE == 0xA8 {
                    result.append(contentsOf: "\\u202".utf8)
                    result.append(hex[Int(text[index + 2] & 0x0F)])
                } else {
                    result.append(contentsOf: text[index..<index + length])
                }
                index += length
            } else {
                result.append(contentsOf: "\\ufffd".utf8)
                index += 1
            }
        }
    }

    private static func escapeASCII(_ byte: UInt8, into result: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"):
            result.append(UInt8(ascii: "\\"))
            result.append(byte)
        case 0x08: result.append(contentsOf: "\\b".utf8)
        case 0x0C: result.append(contentsOf: "\\f".utf8)
        case 0x0A: result.append(contentsOf: "\\n".utf8)
        case 0x0D: result.append(contentsOf: "\\r".utf8)
        case 0x09: result.append(contentsOf: "\\t".utf8)
        case 0..<0x20, UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "&"):
            result.append(contentsOf: "\\u00".utf8)
            result.append(hex[Int(byte >> 4)])
            result.append(hex[Int(byte & 0x0F)])
        default:
            result.append(byte)
        }
    }

    static func repaired(_ text: [UInt8]) -> [UInt8] {
        if UTF8Validator.isValid(text) { return text }
        var result: [UInt8] = []
        result.reserveCapacity(text.count)
        var index = 0
        while index < text.count {
            if let length = lengthOfScalar(text, at: index) {
                result.append(contentsOf: text[index..<index + length])
                index += length
            } else {
                result.append(contentsOf: replacement)
                index += 1
            }
        }
        return result
    }

    /// Bytes of the scalar that begins at `index`, `nil` where none does.
    private static func lengthOfScalar(_ text: [UInt8], at index: Int) -> Int? {
        let length: Int
        switch text[index] {
        case 0..<0x80: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF: length = 3
        case 0xF0...0xF4: length = 4
        default: return nil
        }
        guard length <= text.count - index else { return nil }
        return UTF8Validator.isValid(Array(text[index..<index + length])) ? length : nil
    }
}
