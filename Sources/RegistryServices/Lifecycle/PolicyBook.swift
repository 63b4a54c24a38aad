public import OCI
public import RegistryCore
import RegistryPorts

/// The policy that decides, fixed when the registry starts.
public struct PolicyBook: Sendable {
    public let current: Policy

    public init(current: Policy) {
        self.current = current
    }

    /// Writes into the log that this policy decides from now on, unless the log says so already.
    ///
    /// - Parameter last: the policy that the log named last, if any.
    public func announce(after last: Digest?, in ledger: Ledger) async throws(RegistryError) {
        guard last != current.digest else { return }
        let policy = current
        try await ledger.write(.registry(.policy)) { entry in
            try entry.append(.policyActivated(version: policy.version, digest: policy.digest))
        }
    }
}
