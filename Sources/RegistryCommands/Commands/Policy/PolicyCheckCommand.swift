internal import ArgumentParser
internal import OCI
internal import RegistryCore
internal import RegistryWire

struct PolicyCheckCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Read a policy file without a registry.",
        discussion: "Exits 0 and shows what it says, or 65 and names the line of the first mistake.")

    @Argument(help: "Policy file, YAML.", completion: .file())
    var file: String

    @OptionGroup var output: OutputOptions

    /// A policy is 1 MiB at most; one byte more shows that a file is longer.
    private static let bytesMax = 1 << 20 + 1

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let bytes = try LocalFile(file).readAll(bytesMax: Self.bytesMax)
        let policy: Policy
        do {
            policy = try Policy(parsing: bytes)
        } catch {
            throw CommandFailure(.dataError, "\(file):\(error.line(in: bytes)): \(error)")
        }
        context.console.show(PolicyDocument(policy), as: output.format)
        return .done
    }
}

extension PolicyDocument {
    init(_ policy: Policy) {
        self.init(
            name: policy.name, version: policy.version, digest: policy.digest.description,
            rules: policy.rules.map { Rule(id: $0.id, effect: $0.effect.rawValue, message: $0.message) })
    }
}
