internal import ArgumentParser
internal import DistributionClient
internal import OCI

struct LayoutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "layout", abstract: "Carry artifacts in a directory: OCI image layouts.",
        subcommands: [LayoutExportCommand.self, LayoutImportCommand.self])
}

struct LayoutExportCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "export", abstract: "Copy an artifact from a registry into an OCI image layout.",
        discussion: "What the layout has already is not fetched again. Other things in it stay.")

    @Argument(help: "registry/repository:tag or @digest", transform: ImageReference.argument)
    var reference: ImageReference

    @Argument(help: "A layout, or a directory that is empty or not there.", completion: .directory)
    var directory: String

    @Option(help: "What the layout calls it; the tag without.")
    var name: String?

    @Flag(help: "Copy signatures and whatever else refers to it, too.")
    var referrers = false

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var output: OutputOptions

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let named = name ?? (reference.tag ?? (reference.digest == nil ? .latest : nil))?.description
        let layout = try ImageLayout(making: directory)
        let outcome = try await registry.withClient(context) { client in
            let from = client.repository(of: reference)
            let manifest = try await client.manifest(of: reference)
            let title = "fetching \(reference.repository)"
            let meter = context.meter(title, .bytes, total: nil)
            defer { meter.finish() }
            return try await ContentCopy(
                from: from, to: layout, withReferrers: referrers, progress: { meter.update($0, of: $1, title) },
                move: { try await layout.take($0, from: from, progress: $1) }
            ).run(manifest, named: named ?? manifest.digest.description)
        }
        context.console.show(outcome, of: named ?? outcome.digest.description, as: output.format)
        return .done
    }
}

struct LayoutImportCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "import", abstract: "Copy an artifact from an OCI image layout into a registry.")

    @Argument(help: "The layout.", completion: .directory)
    var directory: String

    @Argument(
        help: "registry/repository:tag; without a tag, what the layout calls it.",
        transform: ImageReference.argument)
    var reference: ImageReference

    @Option(help: "What the layout calls it, or its digest; needed when there are several.")
    var name: String?

    @Flag(help: "Copy signatures and whatever else refers to it, too.")
    var referrers = false

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard reference.digest == nil else { throw ValidationError("A digest follows from the bytes: name a tag.") }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let layout = try ImageLayout(opening: directory)
        let manifest = try layout.manifest(named: name)
        let memory = UploadFiles(context.environment)
        var named = reference
        if named.tag == nil {
            let known = try name ?? layout.names().first { $0.digest == manifest.digest }?.name
            named.tag = known.flatMap { OCI.Tag(parsing: $0) }
        }
        let outcome = try await registry.withClient(context) { client in
            let to = client.repository(of: reference)
            let title = "sending \(directory)"
            let meter = context.meter(title, .bytes, total: nil)
            defer { meter.finish() }
            return try await ContentCopy(
                from: layout, to: to, withReferrers: referrers, progress: { meter.update($0, of: $1, title) },
                move: { try await to.take($0, from: layout, memory: memory, progress: $1) }
            ).run(manifest, named: named.tag?.description)
        }
        context.console.show(outcome, of: named.description, as: output.format)
        return .done
    }
}
