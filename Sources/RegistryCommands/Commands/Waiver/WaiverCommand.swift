internal import ArgumentParser
internal import RegistryWire

/// `securectl waiver`.
struct WaiverCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "waiver", abstract: "Answer for what the inspection found, until a day that is named.",
        discussion: """
            Takes a credential with the right of waive, by --token-file: the service token has no such right. The \
            policy says what may be waived, and for how long.
            """,
        subcommands: [WaiverAddCommand.self, WaiverListCommand.self, WaiverRevokeCommand.self])
}

extension WaiverDocument {
    static let columns: [TextTable.Column] = [
        .init(title: "ID", alignment: .right), .init(title: "RULE"), .init(title: "EXPIRES"), .init(title: "IN USE"),
        .init(title: "BY"), .init(title: "NAME"), .init(title: "REASON", canShrink: true),
    ]

    var cells: [String] {
        [
            String(id), rule, Quantities.time(expires), inUse ? "yes" : "no", grantedBy, name,
            ticket.map { "\(reason) (\($0))" } ?? reason,
        ]
    }
}
