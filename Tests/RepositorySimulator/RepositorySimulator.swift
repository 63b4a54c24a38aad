internal import Crypto
public import StrictJSON
public import TUF

/// A repository in memory, whose roles a test changes and publishes as it likes, rightly or wrongly.
///
/// Beginning with one key for each of the four roles, version 1 of which is published.
public struct RepositorySimulator: Sendable {
    /// When all of it is made.
    public static let start = MetadataTime(clamping: 1_800_000_000)
    /// When metadata expires unless a test says otherwise: after 30 days.
    public static let expiry = MetadataTime(clamping: 1_800_000_000 + 30 * 86_400)

    public var roles: [String: SimulatedRole] = [:]
    public var hasConsistentSnapshots = true
    /// Whether the snapshot and the timestamp say length and hash of files.
    public var hasHashes = true
    /// What the next snapshot says of roles that name targets.
    public var snapshotEntries: [(name: String, value: JSONValue)] = []
    /// What the next timestamp says of the snapshot.
    public var timestampEntry: JSONValue = .null
    /// All that was published, by its name in the repository.
    public var files: [String: [UInt8]] = [:]
    /// Targets that were published, by their address.
    public var targetFiles: [String: [UInt8]] = [:]

    public init() throws {
        for (number, name) in ["root", "timestamp", "snapshot", "targets"].enumerated() {
            roles[name] = SimulatedRole(keys: [SimulatedKey(UInt8(number + 1))], expires: Self.expiry)
        }
        try publish("targets", "snapshot", "timestamp", "root")
    }

    /// The root that clients begin with.
    public var anchor: [UInt8] { files["1.root.json"] ?? [] }

    /// Changes a role and raises its version.
    public mutating func revise(_ name: String, _ change: (inout SimulatedRole) -> Void = { _ in }) {
        roles[name]?.version += 1
        if var role = roles[name] {
            change(&role)
            roles[name] = role
        }
    }

    /// Gives one of the four roles other keys, in the root as in what it signs.
    public mutating func rotate(_ name: String, to keys: [SimulatedKey], threshold: UInt64 = 1) {
        roles[name]?.keys = keys
        roles[name]?.signers = keys
        roles[name]?.threshold = threshold
    }

    /// Makes a role that `delegator` delegates to.
    public mutating func delegate(from delegator: String, _ delegation: SimulatedDelegation) {
        roles[delegator]?.delegations.append(delegation)
        if roles[delegation.role] == nil {
            roles[delegation.role] = SimulatedRole(keys: delegation.keys, expires: Self.expiry)
        } else {
            roles[delegation.role]?.signers += delegation.keys
        }
    }

    /// Raises versions and publishes targets, snapshot and timestamp.
    public mutating func publishRevision(of names: String...) throws {
        for name in names + ["snapshot", "timestamp"] { revise(name) }
        for name in names + ["snapshot", "timestamp"] { try publish(name) }
    }

    /// Signs roles as they are, makes them public, and notes them in those that list them.
    public mutating func publish(_ names: String...) throws {
        for name in names {
            let bytes = try signed(name)
            guard let role = roles[name] else { continue }
            let fileName = Self.escaped(name) + ".json"
            files["\(role.version).\(fileName)"] = bytes
            if name != "root" { files[fileName] = bytes }
            switch name {
            case "root", "timestamp": break
            case "snapshot": timestampEntry = entry(role.version, bytes)
            default:
                snapshotEntries.removeAll { $0.name == name + ".json" }
                snapshotEntries.append((name + ".json", entry(role.version, bytes)))
                for target in role.targets { publish(target) }
            }
        }
    }

    private mutating func publish(_ target: (path: String, content: [UInt8])) {
        guard hasConsistentSnapshots else {
            targetFiles[target.path] = target.content
            return
        }
        var names = target.path.split(separator: "/").map(String.init)
        let last = names.popLast() ?? ""
        names.append(Self.sha256(target.content) + "." + last)
        targetFiles[names.joined(separator: "/")] = target.content
    }

    /// The file of a role as its signers sign it now.
    public func signed(_ name: String) throws -> [UInt8] {
        guard let role = roles[name] else { return [] }
        return try signed(content(of: name, role), by: role.signers)
    }

    /// A file of whatever content with good signatures.
    public func signed(_ content: JSONValue, by signers: [SimulatedKey]) throws -> [UInt8] {
        let message = try CanonicalJSON.encode(content)
        let signatures = try signers.map { try $0.signature(over: message) }
        return JSONValue.object(["signatures": .array(signatures), "signed": content]).encoded(.pretty)
    }

    func entry(_ version: UInt64, _ bytes: [UInt8]) -> JSONValue {
        guard hasHashes else { return ["version": .integer(version)] }
        return [
            "version": .integer(version), "length": .integer(bytes.count),
            "hashes": ["sha256": .string(Self.sha256(bytes))],
        ]
    }

    public static func sha256(_ bytes: [UInt8]) -> String {
        SimulatedKey.hexadecimal(SHA256.hash(data: bytes))
    }

    private static func escaped(_ name: String) -> String {
        RoleName(delegated: name).map { String($0.fileName.dropLast(".json".count)) } ?? name
    }
}
