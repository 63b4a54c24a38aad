public import OCI

/// What was found out about something trusted when it was looked at again, by newer rules or another policy, and is
/// not admitted any more. It stays trusted by the decision before, unless the policy says otherwise.
public struct Recheck: Sendable, Hashable {
    /// The inspection's rules that were in force.
    public var rules: String
    public var policyVersion: String
    public var policyDigest: Digest
    /// The decision, with its trace.
    public var decision: Digest
    /// `refused` or `undecided`.
    public var outcome: String
    /// The rules of the policy that denied.
    public var codes: [String]

    public init(
        rules: String, policyVersion: String, policyDigest: Digest, decision: Digest, outcome: String, codes: [String]
    ) {
        self.rules = rules
        self.policyVersion = policyVersion
        self.policyDigest = policyDigest
        self.decision = decision
        self.outcome = outcome
        self.codes = codes
    }
}
