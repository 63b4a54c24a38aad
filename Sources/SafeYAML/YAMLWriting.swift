public import StrictJSON

extension SafeYAML {
    /// The value in block style, UTF-8, with members in their order. The same value always gives the same bytes.
    ///
    /// Strings stand in quotation marks wherever some reader of YAML 1.1 or 1.2 could take them for anything else.
    /// Numbers stand as JSON writes them; readers of YAML 1.1 take `1e3` for a string.
    public static func write(_ value: JSONValue) -> [UInt8] {
        var bytes: [UInt8] = []
        YAMLWriter.appendTop(value, to: &bytes)
        return bytes
    }

    /// Appends `name:` and a line feed, after which the items of a sequence follow one by one.
    ///
    /// A sequence that turns out to be empty must be written as `appendEmptySequence` instead.
    public static func appendSequenceName(_ name: String, to bytes: inout [UInt8]) {
        YAMLWriter.appendKey(name, level: 0, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
    }

    /// Appends `name: []` and a line feed.
    public static func appendEmptySequence(_ name: String, to bytes: inout [UInt8]) {
        YAMLWriter.appendKey(name, level: 0, to: &bytes)
        bytes.append(contentsOf: " []\n".utf8)
    }

    /// Appends one item of the sequence that `appendSequenceName` began, so that a long one can be written in pieces.
    public static func appendItem(_ value: JSONValue, to bytes: inout [UInt8]) {
        YAMLWriter.appendItem(value, level: 1, to: &bytes)
    }
}
