internal import ArgumentParser
internal import RegistryClient
internal import RegistryWire
internal import StrictJSON

struct CollectCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "collect", abstract: "Have the registry remove bytes that nothing needs any more, now.",
        discussion: """
            The registry does so by itself every hour, or as often as `collection_interval_seconds` says. Nobody is \
            kept from pulling or pushing meanwhile. Exits 11 if its indexes and its manifests do not agree about what \
            is needed: nothing is lost by that, and `pratique fsck` says more.

            Before that it takes manifests out of repositories that nothing leads to any more, where \
            `repository_retention` says so. Their bytes wait as received ones do, and are counted when they go. A \
            repository that cannot be read is left alone; exits 11 then, too.
            """)

    @Flag(help: "Say what would be removed, and remove nothing.")
    var dryRun = false

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let result = try await server.withClient(context) { client in
            try await client.collect(isRehearsal: dryRun)
        }
        switch output.format {
        case .json: context.console.write(json: result.json)
        case .table:
            context.console.write(
                "\(dryRun ? "Would remove" : "Removed") \(Quantities.count(result.blobs, "blob")), "
                    + "\(Quantities.bytes(result.bytes)), of \(result.examined).\n")
            if result.manifests > 0 {
                context.console.write(
                    "\(dryRun ? "Would take" : "Took") \(Quantities.count(result.manifests, "manifest")) out of "
                        + "repositories, with \(Quantities.bytes(result.manifestBytes)) that nothing else names "
                        + "there.\n")
            }
            if result.repositoriesLeft > 0 || result.retentionFault != nil {
                context.console.note(
                    "\(Quantities.count(result.repositoriesLeft, "repository", "repositories")) left alone by "
                        + "retention (\(result.retentionFault ?? "too large")): see the server's log.")
            }
            if result.disagreements > 0 {
                context.console.note(
                    "\(Quantities.count(result.disagreements, "blob")) stay that manifests need and no index knows: "
                        + "see pratique fsck.")
            }
        }
        return result.disagreements > 0 || result.retentionFault != nil ? .bad : .done
    }
}
