internal import ArgumentParser
internal import RegistryClient
internal import RegistryWire

struct WaiverRevokeCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "End a waiver: what is trusted by it goes to quarantine.")

    @Argument(help: "The id that `securectl waiver list` shows.")
    var id: UInt64

    @Option(help: "Why; kept in the log.")
    var reason: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let ended = try await server.withClient(context) { client in
            try await client.revokeWaiver(id, reason: reason)
        }
        guard output.format == .table else {
            context.console.write(json: ended.json)
            return .done
        }
        var fields = FieldList([("Ended", String(ended.id)), ("Rule", ended.rule), ("Name", ended.name)])
        if ended.inUse { fields.add("State", "trusted by it until now, in quarantine from now on") }
        context.console.write(fields.text)
        return .done
    }
}
