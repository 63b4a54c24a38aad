internal import ArgumentParser
internal import RegistryClient
internal import RegistryWire

struct WaiverListCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List waivers that have not ended.")

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        var rows = RowPrinter(output.format, WaiverDocument.columns, context.console)
        try await server.withClient(context) { client in
            var token: PageToken?
            repeat {
                let page = try await client.waivers(after: token)
                rows.print(page.rows.map { ($0.cells, $0.json) })
                token = page.next
            } while token != nil
        }
        rows.finish(ifNone: "No waivers.")
        return .done
    }
}
