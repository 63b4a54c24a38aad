import StrictJSON

/// Lays a value out in block style. A level is two spaces.
enum YAMLWriter {
    /// libyaml reads a key without question mark only when it ends within 1,024 characters of one line.
    private static let simpleKeyBytesMax = 1000

    static func appendTop(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .array(let elements) where !elements.isEmpty: appendItems(elements, level: 0, to: &bytes)
        case .object(let object) where !object.isEmpty: appendMembers(object, level: 0, to: &bytes)
        case .array, .object, .null, .bool, .number, .string:
            appendInline(value, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    private static func appendItems(_ elements: [JSONValue], level: Int, to bytes: inout [UInt8]) {
        for element in elements {
            appendItem(element, level: level, to: &bytes)
        }
    }

    static func appendItem(_ value: JSONValue, level: Int, to bytes: inout [UInt8]) {
        indent(level, &bytes)
        appendItemContent(value, level: level, to: &bytes)
    }

    /// What follows the indentation of an item; the first line of a collection stands behind the dash.
    private static func appendItemContent(_ value: JSONValue, level: Int, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "- ".utf8)
        switch value {
        case .array(let elements) where !elements.isEmpty:
            appendItemContent(elements[0], level: level + 1, to: &bytes)
            appendItems(Array(elements.dropFirst()), level: level + 1, to: &bytes)
        case .object(let object) where !object.isEmpty:
            appendMembers(object, level: level + 1, firstIsIndented: false, to: &bytes)
        case .array, .object, .null, .bool, .number, .string:
            appendInline(value, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    private static func appendMembers(
        _ object: JSONObject, level: Int, firstIsIndented: Bool = true, to bytes: inout [UInt8]
    ) {
        for (index, member) in object.members.enumerated() {
            if index > 0 || firstIsIndented { indent(level, &bytes) }
            appendKey(member.name, level: level, to: &bytes)
            appendMemberValue(member.value, level: level, to: &bytes)
        }
    }

    private static func appendMemberValue(_ value: JSONValue, level: Int, to bytes: inout [UInt8]) {
        switch value {
        case .array(let elements) where !elements.isEmpty:
            bytes.append(UInt8(ascii: "\n"))
            appendItems(elements, level: level + 1, to: &bytes)
        case .object(let object) where !object.isEmpty:
            bytes.append(UInt8(ascii: "\n"))
            appendMembers(object, level: level + 1, to: &bytes)
        case .array, .object, .null, .bool, .number, .string:
            bytes.append(UInt8(ascii: " "))
            appendInline(value, to: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
    }

    /// Appends the key and its colon.
    static func appendKey(_ name: String, level: Int, to bytes: inout [UInt8]) {
        let start = bytes.count
        YAMLString.append(name, to: &bytes)
        if bytes.count - start > simpleKeyBytesMax {
            bytes.insert(contentsOf: "? ".utf8, at: start)
            bytes.append(UInt8(ascii: "\n"))
            indent(level, &bytes)
        }
        bytes.append(UInt8(ascii: ":"))
    }

    private static func appendInline(_ value: JSONValue, to bytes: inout [UInt8]) {
        switch value {
        case .null: bytes.append(contentsOf: "null".utf8)
        case .bool(let flag): bytes.append(contentsOf: flag ? "true".utf8 : "false".utf8)
        case .number(let number): bytes.append(contentsOf: number.text.utf8)
        case .string(let text): YAMLString.append(text, to: &bytes)
        case .array: bytes.append(contentsOf: "[]".utf8)
        case .object: bytes.append(contentsOf: "{}".utf8)
        }
    }

    private static func indent(_ level: Int, _ bytes: inout [UInt8]) {
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * level))
    }
}
