internal import ArgumentParser
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire

struct RevokeCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke", abstract: "Withdraw an artifact: it is not served from now on.",
        discussion: """
            It is withdrawn wherever it is. An index goes with what it lists, except for what another trusted index or \
            a tag of its own still has: that is named.

            With --digest the bytes are bad: the same content goes under every name, a file (also one that is the only \
            layer of a manifest) out of everything that holds it, and an index with all that it lists. Of an artifact \
            of several files the others are not searched for each: what is trusted and has one of them is named.
            """)

    @Argument(help: "Name of the artifact, or name:tag, or repository@digest.")
    var name: ArtifactArgument

    @Option(help: "Why; kept in the log.")
    var reason: String?

    @Flag(help: "Withdraw the same bytes under every other name too, and whatever holds a single file.")
    var digest = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let change = try await server.withClient(context) { client in
            try await client.revoke(name.name(at: client), ChangeRequest(reason: reason, digest: digest))
        }
        context.console.show(change, as: output.format)
        return .done
    }
}
