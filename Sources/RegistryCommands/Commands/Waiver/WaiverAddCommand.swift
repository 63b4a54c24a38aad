internal import ArgumentParser
internal import OCI
internal import RegistryClient
internal import RegistryCore
internal import RegistryWire

struct WaiverAddCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Waive what one rule found in one artifact, or in one file.",
        discussion: """
            With a name the waiver is for the version that has the name now, and with --file for that file in it. \
            With a digest it is for every version that the digest means: one version, or each that holds the file. \
            Nothing is promoted by it; `securectl promote` decides anew.
            """)

    @Argument(help: "Name of the artifact, name:tag, repository@digest, or sha256:… of a version or a file.")
    var subject: String

    @Option(help: "The rule whose findings are waived, such as pickle.unknown-global.")
    var rule: String

    @Option(help: "Why; kept in the log.")
    var reason: String

    @Option(help: "Until when: 2027-01-01T00:00:00Z, or a number of days from now: 30d.")
    var expires: String

    @Option(help: "sha256:… of the one file of the artifact that is meant.")
    var file: String?

    @Option(help: "The one member of an archive that is meant, as the finding names it.")
    var member: String?

    @Option(name: .customLong("name"), help: "With a digest: only artifacts of this name, or NAME/*.")
    var pattern: String?

    @Option(help: "Where more is written down.")
    var ticket: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard Self.days(expires) != nil || Timestamp(parsing: expires) != nil else {
            throw ValidationError("--expires takes a time by RFC 3339 or a number of days: 30d.")
        }
        guard file.map({ (try? Digest(parsing: $0)) != nil }) ?? true else {
            throw ValidationError("--file takes sha256: and 64 hexadecimal digits.")
        }
        if (try? Digest(parsing: subject)) != nil {
            guard file == nil else { throw ValidationError("--file goes with a name: the digest says which file.") }
        } else {
            guard pattern == nil else { throw ValidationError("--name goes with a digest.") }
            guard ArtifactArgument(argument: subject) != nil else {
                throw ValidationError("\(subject) is neither an artifact nor a digest.")
            }
        }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let waivers = try await server.withClient(context) { client in
            let (digest, name) = try await subject(at: client)
            let days = Self.days(expires)
            return try await client.grant(
                WaiverRequest(
                    rule: rule, digest: digest, name: name, member: member, reason: reason, ticket: ticket,
                    expires: days == nil ? expires : nil, days: days))
        }
        var rows = RowPrinter(output.format, WaiverDocument.columns, context.console)
        rows.print(waivers.map { ($0.cells, $0.json) })
        rows.finish(ifNone: "No waiver.")
        return .done
    }

    /// What the registry is told: a digest, and which names.
    private func subject(at client: RegistryClient) async throws -> (digest: String, name: String?) {
        if let digest = try? Digest(parsing: subject) { return (digest.description, pattern) }
        guard let argument = ArtifactArgument(argument: subject) else { throw ValidationError("no artifact") }
        let name = try await argument.name(at: client)
        let artifact = try await client.artifact(name)
        return (file ?? artifact.digest, artifact.name)
    }

    /// A number of days from now, by the registry's clock.
    static func days(_ text: String) -> UInt64? {
        text.hasSuffix("d") ? UInt64(text.dropLast()) : nil
    }
}
