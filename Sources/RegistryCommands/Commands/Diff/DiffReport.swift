internal import StrictJSON

/// The result of a comparison, for people and for programs.
struct DiffReport: Sendable {
    let left: String
    let right: String
    let files: [FileDifference]

    /// What could not be compared is worse than a difference: nothing is known of it.
    var status: ExitStatus {
        if files.contains(where: { $0.status == .undecided }) { return .unchecked }
        return files.allSatisfy { $0.status == .same } ? .done : .differs
    }

    func text(width: Int?) -> String {
        let changed = files.filter { $0.status != .same }
        var text = changed.map { self.text($0, width: width) }.joined()
        let counts = [FileDifference.Status.changed, .added, .removed, .undecided, .same].compactMap { status in
            let count = files.count { $0.status == status }
            return count == 0 ? nil : "\(count) \(status.rawValue)"
        }
        text += "\(Quantities.count(files.count, "file")): \(counts.joined(separator: ", ")).\n"
        return text
    }

    private func text(_ file: FileDifference, width: Int?) -> String {
        var text = TerminalText.visible("\(file.status.rawValue)  \(file.path)") + "\n"
        if let reason = file.reason { text += "  " + TerminalText.visible(reason) + "\n" }
        for part in file.parts {
            let how = [part.left, part.right].compactMap { $0 }.joined(separator: " → ")
            text += WrappedText.field(
                "\(part.kind.rawValue) \(part.status.rawValue)", how.isEmpty ? part.name : "\(part.name): \(how)",
                indent: 2,
                nameWidth: 18, width: width)
        }
        for lines in file.texts { text += "  " + TerminalText.visible(lines.name) + "\n" + Self.text(lines.difference) }
        return text
    }

    private static func text(_ difference: LineDifference) -> String {
        difference.changes.map { change in
            switch change {
            case .removed(let line): "    - \(TerminalText.visible(line))\n"
            case .added(let line): "    + \(TerminalText.visible(line))\n"
            case .same(let count): "      … \(Quantities.count(count, "line")) …\n"
            }
        }.joined()
    }

    var json: JSONValue {
        [
            "type": "comparison/v1", "left": .string(left), "right": .string(right),
            "exit_status": .integer(status.rawValue),
            "files": .array(files.map(Self.json)),
        ]
    }

    private static func json(_ file: FileDifference) -> JSONValue {
        .object(
            JSONObject(present: [
                ("path", .string(file.path)), ("status", .string(file.status.rawValue)),
                ("reason", file.reason.map { .string($0) }),
                ("parts", file.parts.isEmpty ? nil : .array(file.parts.map(json))),
                ("texts", file.texts.isEmpty ? nil : .array(file.texts.map(json))),
            ]))
    }

    private static func json(_ part: FileDifference.Part) -> JSONValue {
        .object(
            JSONObject(present: [
                ("kind", .string(part.kind.rawValue)), ("status", .string(part.status.rawValue)),
                ("name", .string(part.name)), ("left", part.left.map { .string($0) }),
                ("right", part.right.map { .string($0) }),
            ]))
    }

    private static func json(_ text: FileDifference.Text) -> JSONValue {
        [
            "name": .string(text.name),
            "lines": .array(
                text.difference.changes.map { change in
                    switch change {
                    case .removed(let line): ["removed": .string(line)]
                    case .added(let line): ["added": .string(line)]
                    case .same(let count): ["same": .integer(count)]
                    }
                }),
        ]
    }
}
