/// How a document is laid out.
public enum JSONStyle: Sendable, Hashable {
    /// No white space.
    case compact
    /// Two spaces per level, one member or element per line, a line feed at the end.
    case pretty
}

extension JSONValue {
    /// The document in UTF-8, with members in their order. The same value always gives the same bytes.
    public func encoded(_ style: JSONStyle = .compact) -> [UInt8] {
        var bytes: [UInt8] = []
        encode(to: &bytes, style)
        return bytes
    }

    /// Appends the document, so that a long list can be written piece by piece into one buffer.
    public func encode(to bytes: inout [UInt8], _ style: JSONStyle = .compact) {
        switch style {
        case .compact:
            JSONEncoding.appendCompact(self, to: &bytes)
        case .pretty:
            JSONEncoding.appendPretty(self, to: &bytes, level: 0)
            bytes.append(UInt8(ascii: "\n"))
        }
    }
}

enum JSONEncoding {
    static func appendCompact(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            var isFirst = true
            for element in elements {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                appendCompact(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object):
            bytes.append(UInt8(ascii: "{"))
            var isFirst = true
            for member in object.members {
                if !isFirst { bytes.append(UInt8(ascii: ",")) }
                isFirst = false
                appendString(member.name, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                appendCompact(member.value, to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        case .null, .bool, .number, .string:
            appendScalar(value, to: &bytes)
        }
    }

    static func appendPretty(_ value: JSONValue, to bytes: inout [UInt8], level: Int) {
        switch value {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                startLine(after: index, level: level + 1, &bytes)
                appendPretty(element, to: &bytes, level: level + 1)
            }
            startLine(after: 0, level: level, &bytes)
            bytes.append(UInt8(ascii: "]"))
        case .object(let object) where !object.isEmpty:
            bytes.append(UInt8(ascii: "{"))
            for (index, member) in object.members.enumerated() {
                startLine(after: index, level: level + 1, &bytes)
                appendString(member.name, to: &bytes)
                bytes.append(contentsOf: [UInt8(ascii: ":"), UInt8(ascii: " ")])
                appendPretty(member.value, to: &bytes, level: level + 1)
            }
            startLine(after: 0, level: level, &bytes)
            bytes.append(UInt8(ascii: "}"))
        case .array, .object, .null, .bool, .number, .string:
            appendCompact(value, to: &bytes)
        }
    }

    private static func startLine(after index: Int, level: Int, _ bytes: inout [UInt8]) {
        if index > 0 { bytes.append(UInt8(ascii: ",")) }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }

    private static func appendScalar(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .null, .array, .object: bytes.append(contentsOf: "null".utf8)
        case .bool(let flag): bytes.append(contentsOf: flag ? "true".utf8 : "false".utf8)
        case .number(let number): bytes.append(contentsOf: number.text.utf8)
        case .string(let text): appendString(text, to: &bytes)
        }
    }

    static func appendString(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        if needsEscape(text.utf8.span) {
            appendEscaped(Array(text.utf8), to: &bytes)
        } else {
            bytes.append(contentsOf: text.utf8)
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func needsEscape(_ text: Span<UInt8>) -> Bool {
        for index in text.indices where needsEscape(text[index]) {
            return true
        }
        return false
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private static func appendEscaped(_ text: [UInt8], to bytes: inout [UInt8]) {
        var run = 0
        for (index, byte) in text.enumerated() where needsEscape(byte) {
            bytes.append(contentsOf: text[run..<index])
            appendEscape(byte, to: &bytes)
            run = index + 1
        }
        bytes.append(contentsOf: text[run...])
    }

    private static func appendEscape(_ byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): bytes.append(byte)
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        default:
            let digits = Array("0123456789abcdef".utf8)
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits[Int(byte >> 4)])
            bytes.append(digits[Int(byte & 0x0F)])
        }
    }
}
