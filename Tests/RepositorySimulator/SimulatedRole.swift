public import StrictJSON
public import TUF

/// One role of a simulated repository, before it is published.
public struct SimulatedRole: Sendable {
    public var version: UInt64 = 1
    public var expires: MetadataTime
    /// Who may sign, in the metadata of whoever says so.
    public var keys: [SimulatedKey]
    public var threshold: UInt64 = 1
    /// Who does sign.
    public var signers: [SimulatedKey]
    /// Contents of targets by their path.
    public var targets: [(path: String, content: [UInt8])] = []
    public var delegations: [SimulatedDelegation] = []
    /// What the signed object holds besides.
    public var others: [(String, JSONValue)] = []

    public init(keys: [SimulatedKey], expires: MetadataTime) {
        self.keys = keys
        self.signers = keys
        self.expires = expires
    }
}

/// What a role of a simulated repository leaves to another.
public struct SimulatedDelegation: Sendable {
    public var role: String
    public var keys: [SimulatedKey]
    public var threshold: UInt64 = 1
    public var paths: [String]?
    public var hashPrefixes: [String]?
    public var isTerminating = false

    public init(_ role: String, keys: [SimulatedKey], paths: [String]? = ["*"]) {
        self.role = role
        self.keys = keys
        self.paths = paths
    }
}
