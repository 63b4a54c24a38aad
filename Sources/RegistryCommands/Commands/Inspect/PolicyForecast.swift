internal import Inspection
internal import RegistryCore
internal import StrictJSON

/// What a policy would say to artifacts, were they in a registry and somebody asked for them to be trusted.
struct PolicyForecast: Sendable {
    let policy: Policy
    /// One for each artifact, in their order.
    let decisions: [PolicyDecision]

    init(_ policy: Policy, _ artifacts: [InspectedArtifact], stated: [PolicyFact: String]) {
        self.policy = policy
        decisions = artifacts.map { policy.decide($0.facts(stated: stated)) }
    }

    /// Reads a policy of at most 1 MiB, as a registry does.
    static func policy(at path: String) throws(CommandFailure) -> Policy {
        // One byte more shows that a file is longer.
        let bytes = try LocalFile(path).readAll(bytesMax: 1 << 20 + 1)
        do throws(PolicyFault) {
            return try Policy(parsing: bytes)
        } catch {
            throw CommandFailure(.dataError, "\(path):\(error.line(in: bytes)): \(error)")
        }
    }

    /// The policy decides, and not the verdicts: what it admits is admitted, whatever was found.
    func status(of run: InspectionRun) -> ExitStatus {
        let refused = zip(run.artifacts, decisions).filter { $0.1.outcome != .admitted }
        if refused.contains(where: { $0.0.verdict == .block }) { return .bad }
        if let fault = run.files.lazy.compactMap(\.fault).first { return fault }
        if refused.contains(where: { $0.1.outcome == .undecided }) { return .unchecked }
        return refused.isEmpty ? .done : .refusedByPolicy
    }

    func text(_ artifacts: [InspectedArtifact], width: Int?) -> String {
        var text = TerminalText.visible("Policy \(policy.name) \(policy.version) (\(policy.digest))") + "\n"
        for (artifact, decision) in zip(artifacts, decisions) {
            text += TerminalText.visible("  \(decision.outcome.rawValue)  \(artifact.path)") + "\n"
            for (code, reason) in zip(decision.codes, decision.reasons) {
                text += WrappedText.field(code, reason, indent: 4, nameWidth: code.utf8.count + 2, width: width)
            }
        }
        return text
    }
}
