/// Writes JSON the way Go's `encoding/json` does, so that documents equal those of the existing tool byte for byte.
///
/// Strings escape `<`, `>`, `&`, U+2028 and U+2029, and each byte that is not UTF-8 becomes `\ufffd`.
package struct GoJSON {
    package enum Layout: Sendable {
        /// `json.MarshalIndent` with two spaces.
        case indented
        /// `json.Marshal`.
        case compact
    }

    package private(set) var bytes: [UInt8] = []
    private let layout: Layout
    /// For each open object or array: whether it has a member yet.
    private var hasMembers: [Bool] = []
    private var followsName = false

    package init(_ layout: Layout) {
        self.layout = layout
    }

    package mutating func object(_ members: (inout GoJSON) -> Void) {
        container(UInt8(ascii: "{"), UInt8(ascii: "}"), members)
    }

    package mutating func array(_ elements: (inout GoJSON) -> Void) {
        container(UInt8(ascii: "["), UInt8(ascii: "]"), elements)
    }

    package mutating func name(_ name: String) {
        beginValue()
        quote(Array(name.utf8))
        bytes.append(UInt8(ascii: ":"))
        if layout == .indented { bytes.append(UInt8(ascii: " ")) }
        followsName = true
    }

    package mutating func string(_ text: String) {
        string(Array(text.utf8))
    }

    package mutating func string(_ text: [UInt8]) {
        beginValue()
        quote(text)
    }

    package mutating func number(_ value: some FixedWidthInteger) {
        beginValue()
        bytes.append(contentsOf: String(value).utf8)
    }

    package mutating func bool(_ value: Bool) {
        beginValue()
        bytes.append(contentsOf: (value ? "true" : "false").utf8)
    }

    package mutating func null() {
        beginValue()
        bytes.append(contentsOf: "null".utf8)
    }

    package mutating func string(_ name: String, _ value: String) {
        self.name(name)
        string(value)
    }

    package mutating func number(_ name: String, _ value: some FixedWidthInteger) {
        self.name(name)
        number(value)
    }

    package mutating func array(_ name: String, of values: [UInt64]) {
        self.name(name)
        array { json in
            for value in values { json.number(value) }
        }
    }

    /// The document, and the newline that the existing tool puts behind it.
    package func finishedWithNewline() -> [UInt8] { bytes + [UInt8(ascii: "\n")] }

    private mutating func container(_ open: UInt8, _ close: UInt8, _ fill: (inout GoJSON) -> Void) {
        beginValue()
        bytes.append(open)
        hasMembers.append(false)
        fill(&self)
        if hasMembers.popLast() == true { newLine() }
        bytes.append(close)
    }

    private mutating func beginValue() {
        if followsName {
            followsName = false
            return
        }
        guard let last = hasMembers.indices.last else { return }
        if hasMembers[last] { bytes.append(UInt8(ascii: ",")) }
        hasMembers[last] = true
        newLine()
    }

    private mutating func newLine() {
        guard layout == .indented else { return }
        bytes.append(UInt8(ascii: "\n"))
        bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: 2 * hasMembers.count))
    }

    private mutating func quote(_ text: [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        GoString.escape(text, into: &bytes)
        bytes.append(UInt8(ascii: "\""))
    }

    /// The text as it reads after it has been through JSON: each byte that is not UTF-8 is U+FFFD.
    package static func repaired(_ text: [UInt8]) -> [UInt8] {
        GoString.repaired(text)
    }
}
