internal import StrictJSON

/// JSON for eyes.
package enum JSONText {
    /// A document, readable for people and programs and harmless for terminals.
    static func document(_ json: JSONValue) -> [UInt8] {
        Array(harmless(String(decoding: json.encoded(.pretty), as: UTF8.self)).utf8)
    }

    /// The same document with every character that a terminal would act on, or that hides or reorders others, written
    /// as an escape of JSON. Outside of strings there are none, so the document means the same.
    package static func harmless(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHarmful) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isHarmful(scalar) {
                for unit in String(scalar).utf16 { result += escape(unit) }
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isHarmful(_ scalar: Unicode.Scalar) -> Bool {
        if scalar == "\n" { return false }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .surrogate, .unassigned: return true
        default: return false
        }
    }

    private static func escape(_ unit: UInt16) -> String {
        let digits = String(unit, radix: 16)
        return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
    }
}
