internal import StrictJSON

/// Why a command did not do what it was asked to.
struct CommandFailure: Error, Sendable {
    var status: ExitStatus
    /// One sentence.
    var message: String
    /// What else is known, one line each.
    var details: [String] = []
    /// What to do.
    var hint: String?
    /// The registry's own document, if it sent one.
    var document: JSONValue?

    init(_ status: ExitStatus, _ message: String, details: [String] = [], hint: String? = nil) {
        self.status = status
        self.message = message
        self.details = details
        self.hint = hint
    }

    /// The lines for people, not neutralised.
    var lines: [String] {
        ["securectl: \(message)"] + details.prefix(Self.detailsMax).map { "  \($0)" } + (hint.map { [$0] } ?? [])
    }

    /// For programs: what the registry said, or the same form of what happened here.
    var json: JSONValue {
        document ?? ["error": .string(message), "code": .null, "exit_status": .integer(status.rawValue)]
    }

    private static let detailsMax = 50
}

/// Where it is told within another sentence.
extension CommandFailure: CustomStringConvertible {
    var description: String { message }
}
