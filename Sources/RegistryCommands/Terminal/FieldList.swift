/// Names and values below each other, for people. Values are neutralised here; absent ones are left out.
struct FieldList: Sendable {
    private var fields: [(name: String, value: String)] = []

    init(_ fields: [(name: String, value: String?)] = []) {
        for (name, value) in fields { add(name, value) }
    }

    mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        fields.append((name, value))
    }

    var text: String {
        let width = fields.reduce(0) { max($0, TerminalText.width($1.name)) }
        return fields.map { field in
            TerminalText.padded(field.name, width: width) + "  " + TerminalText.visible(field.value) + "\n"
        }.joined()
    }
}
