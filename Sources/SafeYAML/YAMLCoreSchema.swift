import StrictJSON

/// What a plain scalar means: YAML 1.2.2 section 10.3.2, without the forms that readers of YAML 1.1 take for other
/// numbers.
enum YAMLCoreSchema {
    /// Far more digits than any number has that we read.
    static let numberBytesMax = 128

    /// - Returns: `nil` for a number that is longer than `numberBytesMax`.
    static func resolve(_ text: String) -> JSONEvent? {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return .bool(true)
        case "false", "False", "FALSE": return .bool(false)
        default:
            guard let number = jsonNumber(text) else { return .string(text) }
            return number.utf8.count <= numberBytesMax ? .number(JSONNumber(scanned: number)) : nil
        }
    }

    /// The number as JSON writes it, or `nil` for what is a string.
    ///
    /// `[-+]? ( . [0-9]+ | [0-9]+ ( . [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?`, but with no zero before other digits.
    private static func jsonNumber(_ text: String) -> String? {
        var rest = text.utf8[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let whole = takeDigits(&rest)
        guard whole.count <= 1 || whole.first != UInt8(ascii: "0") else { return nil }
        var fraction: Substring.UTF8View?
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = takeDigits(&rest)
        }
        guard !whole.isEmpty || fraction?.isEmpty == false else { return nil }
        var exponent: Substring.UTF8View?
        if let letter = rest.first, letter | 0x20 == UInt8(ascii: "e") {
            let start = rest
            rest.removeFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest.removeFirst() }
            guard !takeDigits(&rest).isEmpty else { return nil }
            exponent = start
        }
        guard rest.isEmpty else { return nil }
        return (isNegative ? "-" : "") + (whole.isEmpty ? "0" : String(Substring(whole)))
            + (fraction.map { "." + ($0.isEmpty ? "0" : String(Substring($0))) } ?? "")
            + (exponent.map { String(Substring($0)) } ?? "")
    }

    private static func takeDigits(_ rest: inout Substring.UTF8View) -> Substring.UTF8View {
        let end = rest.firstIndex { !(UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0) } ?? rest.endIndex
        let digits = rest[..<end]
        rest = rest[end...]
        return digits
    }
}
