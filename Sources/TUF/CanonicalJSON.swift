package import StrictJSON

/// The canonical JSON of OLPC, over which TUF signs (TUF 4.2.1): members by code point of their names, no white space,
/// no fractions, and in strings only `"` and `\` escaped.
package enum CanonicalJSON {
    /// Why a value has no canonical form.
    package enum Fault: Error, Sendable, Hashable {
        /// A fraction, an exponent or a negative zero.
        case notAnInteger
    }

    /// - Throws: `.notAnInteger` for numbers that two writers would write differently.
    package static func encode(_ value: JSONValue) throws(Fault) -> [UInt8] {
        var bytes: [UInt8] = []
        try append(value, to: &bytes)
        return bytes
    }

    // The depth of what is encoded here was limited when it was read.
    private static func append(_ value: JSONValue, to bytes: inout [UInt8]) throws(Fault) {
        switch value {
        case .null: bytes += "null".utf8
        case .bool(let flag): bytes += flag ? "true".utf8 : "false".utf8
        case .number(let number): try append(number, to: &bytes)
        case .string(let text): append(text, to: &bytes)
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (index, element) in elements.enumerated() {
                if index > 0 { bytes.append(UInt8(ascii: ",")) }
                try append(element, to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .object(let object): try append(object, to: &bytes)
        }
    }

    private static func append(_ object: JSONObject, to bytes: inout [UInt8]) throws(Fault) {
        // The order of bytes of UTF-8 is the order of code points.
        let members = object.members.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        bytes.append(UInt8(ascii: "{"))
        for (index, member) in members.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            append(member.name, to: &bytes)
            bytes.append(UInt8(ascii: ":"))
            try append(member.value, to: &bytes)
        }
        bytes.append(UInt8(ascii: "}"))
    }

    private static func append(_ number: JSONNumber, to bytes: inout [UInt8]) throws(Fault) {
        let text = number.text
        let digits = text.utf8.first == UInt8(ascii: "-") ? text.utf8.dropFirst() : text.utf8[...]
        guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }), text != "-0" else {
            throw .notAnInteger
        }
        bytes += text.utf8
    }

    private static func append(_ text: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        for byte in text.utf8 {
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { bytes.append(UInt8(ascii: "\\")) }
            bytes.append(byte)
        }
        bytes.append(UInt8(ascii: "\""))
    }
}
