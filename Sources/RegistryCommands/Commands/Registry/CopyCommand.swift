internal import ArgumentParser
internal import DistributionClient
internal import OCI
internal import StrictJSON

struct CopyCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy", abstract: "Copy an artifact from one registry or repository to another.",
        discussion: """
            With everything that it names, byte for byte, so that its digest stays. No bytes are kept on this machine. \
            Within one registry blobs are not moved at all, where the registry can do that. A copy that broke off goes \
            on where it stopped when the same command is given again.
            """)

    @Argument(help: "What to copy: registry/repository:tag or @digest.", transform: ImageReference.argument)
    var source: ImageReference

    @Argument(
        help: "Where to: registry/repository, with a tag; without, the tag stays the same.",
        transform: ImageReference.argument)
    var target: ImageReference

    @Flag(help: "Copy signatures and whatever else refers to it, too.")
    var referrers = false

    @OptionGroup var registry: RegistryOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard registry.tokenFile == nil || source.registry == target.registry else {
            throw ValidationError("--token-file would show one registry the token of the other: log in with docker.")
        }
        guard target.digest == nil else { throw ValidationError("A digest follows from the bytes: name a tag.") }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        var named = target
        // What was named by its digest alone stays without a tag.
        if named.tag == nil, source.digest == nil || source.tag != nil { named.tag = source.tag ?? .latest }
        let memory = UploadFiles(context.environment)
        let outcome = try await registry.withClient(context) { client in
            let from = client.repository(of: source)
            let to = client.repository(of: target)
            let manifest = try await client.manifest(of: source)
            let title = "copying \(source.repository)"
            let meter = context.meter(title, .bytes, total: nil)
            defer { meter.finish() }
            return try await ContentCopy(
                from: from, to: to, withReferrers: referrers, progress: { meter.update($0, of: $1, title) },
                move: { try await to.take($0, from: from, memory: memory, progress: $1) }
            ).run(manifest, named: named.tag?.description)
        }
        context.console.show(outcome, of: named.description, as: output.format)
        return .done
    }
}

extension Console {
    /// What a copy came to.
    func show(_ outcome: ContentCopy.Outcome, of name: String, as format: OutputOptions.Format) {
        switch format {
        case .json:
            write(json: [
                "name": .string(name), "digest": .string(outcome.digest.description),
                "manifests": .integer(outcome.manifests), "blobs": .integer(outcome.blobs),
                "bytes": .integer(outcome.bytes),
            ])
        case .table:
            write(
                FieldList([
                    ("name", name), ("digest", outcome.digest.description),
                    (
                        "content",
                        "\(Quantities.count(outcome.manifests, "manifest")), "
                            + "\(Quantities.count(outcome.blobs, "blob")), \(Quantities.bytes(outcome.bytes))"
                    ),
                ]).text)
        }
    }
}
