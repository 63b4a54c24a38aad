internal import ArgumentParser
internal import Inspection
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

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let policy = try PolicyForecast.policy(at: file)
        let unknown = Self.unknownRules(of: policy)
        guard unknown.isEmpty else {
            throw CommandFailure(
                .dataError,
                "\(file): waivers name rules that the inspection does not have: \(unknown.joined(separator: ", "))")
        }
        context.console.show(PolicyDocument(policy), as: output.format)
        return .done
    }

    /// A rule that is spelt wrong is waived by nobody, or by everybody.
    private static func unknownRules(of policy: Policy) -> [String] {
        (policy.waivers.rules + policy.waivers.except).filter { RuleID(rawValue: $0) == nil }
            .map { TerminalText.visible(String($0.prefix(64))) }
    }
}

extension PolicyDocument {
    init(_ policy: Policy) {
        self.init(
            name: policy.name, version: policy.version, digest: policy.digest.description,
            rules: policy.rules.map { Rule(id: $0.id, effect: $0.effect.rawValue, message: $0.message) },
            formats: policy.formatsObject, waivers: policy.waivers.object,
            onRecheckFailure: policy.onRecheckFailure.rawValue)
    }
}
