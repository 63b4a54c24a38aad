internal import StrictJSON

/// One event of the log as a row.
struct EventLine: Sendable {
    let index: UInt64
    let event: JSONValue

    static let columns: [TextTable.Column] = [
        .init(title: "INDEX", alignment: .right), .init(title: "TIME"), .init(title: "EVENT"), .init(title: "NAME"),
        .init(title: "BY"), .init(title: "DETAIL", canShrink: true),
    ]

    var cells: [String] {
        let fields = event.asObject
        func text(_ name: String) -> String { fields?[name]?.asString ?? "" }
        return [
            String(index), Quantities.time(text("time")), text("event"), text("name"), text("actor"), detail(fields),
        ]
    }

    /// The event's own fields: what all events have is in the other columns.
    private func detail(_ fields: JSONObject?) -> String {
        guard let fields else { return "(not an event that this version knows)" }
        return fields.members.filter { !Self.common.contains($0.name) }.compactMap { member in
            switch member.value {
            case .string(let text): "\(member.name)=\(text)"
            case .number(let number): "\(member.name)=\(number.text)"
            case .bool(let truth): "\(member.name)=\(truth)"
            case .array(let elements): "\(member.name)=\(elements.compactMap(\.asString).joined(separator: ","))"
            case .null, .object: nil
            }
        }.joined(separator: " ")
    }

    private static let common: Set<String> = ["v", "time", "actor", "request", "tenant", "name", "version", "event"]
}
