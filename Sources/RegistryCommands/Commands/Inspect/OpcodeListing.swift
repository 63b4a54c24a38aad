internal import Inspection
internal import ModelFormats
internal import StrictJSON

/// The opcodes of a pickle, shown while they are read.
struct OpcodeListing: Sendable {
    let path: String
    let isForPrograms: Bool

    private static let names = Set(PickleOpcode.allCases.map(\.name))

    func show(in context: CommandContext) async throws -> ExitStatus {
        let file = try MemberFile(path)
        let output = OutputBuffer(context.console)
        // What was read before something went wrong is shown.
        defer { output.flush() }
        let isForPrograms = isForPrograms
        let end = try await file.view(.opcodes, in: context) { fields in
            guard let row = Row(fields) else { return false }
            output.write(isForPrograms ? row.jsonLine : row.text)
            return true
        }
        let opcodes = end.first.flatMap { UInt64($0) } ?? 0
        let behind = end.count > 1 ? UInt64(end[1]) ?? 0 : 0
        output.flush()
        context.console.note(
            Quantities.count(opcodes, "opcode") + (behind > 0 ? ", \(Quantities.bytes(behind)) behind them" : "") + ".")
        return .done
    }

    /// A line as it came from a process that nobody trusts.
    private struct Row {
        let offset: UInt64
        let opcode: String
        let argument: String
        let rule: RuleID?
        let detail: String

        init?(_ fields: [String]) {
            guard fields.count == 6, fields[0] == "opcode", let offset = UInt64(fields[1]),
                fields[2].isEmpty || names.contains(fields[2])
            else { return nil }
            let rule = fields[4].isEmpty ? nil : RuleID(rawValue: fields[4])
            guard rule != nil || fields[4].isEmpty else { return nil }
            (self.offset, opcode, argument) = (offset, fields[2], fields[3])
            (self.rule, detail) = (rule, fields[5])
        }

        var text: String {
            let number = String(offset)
            var line = String(repeating: " ", count: max(0, 10 - number.utf8.count)) + number + "  "
            let name = opcode.isEmpty ? "?" : opcode
            line += argument.isEmpty && rule == nil ? name : TerminalText.padded(name, width: 16)
            if !argument.isEmpty { line += "  " + TerminalText.visible(argument) }
            if let rule {
                let what = detail.isEmpty ? "" : " " + TerminalText.visible(detail)
                line += "  ! \(RuleCatalogue.rule(rule).verdict.rawValue) \(rule.rawValue)\(what)"
            }
            return line + "\n"
        }

        /// One object on a line of its own.
        var jsonLine: String {
            let json = JSONValue.object(
                JSONObject(present: [
                    ("offset", .integer(offset)), ("opcode", opcode.isEmpty ? .null : .string(opcode)),
                    ("argument", argument.isEmpty ? nil : .string(argument)),
                    ("rule", rule.map { .string($0.rawValue) }),
                    ("verdict", rule.map { .string(RuleCatalogue.rule($0).verdict.rawValue) }),
                    ("detail", detail.isEmpty ? nil : .string(detail)),
                ]))
            return JSONText.harmless(String(decoding: json.encoded(), as: UTF8.self)) + "\n"
        }
    }
}
