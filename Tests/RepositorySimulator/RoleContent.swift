internal import StrictJSON
internal import TUF

extension RepositorySimulator {
    /// The object that a role signs.
    func content(of name: String, _ role: SimulatedRole) throws -> JSONValue {
        let type = ["root", "timestamp", "snapshot"].contains(name) ? name : "targets"
        var members: [(String, JSONValue)] = [
            ("_type", .string(type)), ("spec_version", "1.0.34"), ("version", .integer(role.version)),
            ("expires", .string(role.expires.description)),
        ]
        switch name {
        case "root": members += try rootMembers()
        case "timestamp": members.append(("meta", ["snapshot.json": timestampEntry]))
        case "snapshot":
            members.append(("meta", .object(JSONObject(snapshotEntries.map { ($0.name, $0.value) }))))
        default: members += try targetsMembers(role)
        }
        return .object(JSONObject(members + role.others))
    }

    private func rootMembers() throws -> [(String, JSONValue)] {
        let named = ["root", "timestamp", "snapshot", "targets"].compactMap { name in roles[name].map { (name, $0) } }
        let keys = try named.flatMap(\.1.keys).map { ($0.keyID, try $0.json()) }
        let entries = named.map { name, role in
            (name, Self.roleEntry(keys: role.keys, threshold: role.threshold))
        }
        return [
            ("consistent_snapshot", .bool(hasConsistentSnapshots)), ("keys", .object(JSONObject(keys))),
            ("roles", .object(JSONObject(entries.map { ($0.0, .object(JSONObject($0.1))) }))),
        ]
    }

    private static func roleEntry(keys: [SimulatedKey], threshold: UInt64) -> [(String, JSONValue)] {
        [("keyids", .array(keys.map { .string($0.keyID) })), ("threshold", .integer(threshold))]
    }

    private func targetsMembers(_ role: SimulatedRole) throws -> [(String, JSONValue)] {
        let targets = role.targets.map { path, content -> (String, JSONValue) in
            (
                path,
                ["length": .integer(content.count), "hashes": ["sha256": .string(Self.sha256(content))]]
            )
        }
        var members: [(String, JSONValue)] = [("targets", .object(JSONObject(targets)))]
        guard !role.delegations.isEmpty else { return members }
        let keys = try role.delegations.flatMap(\.keys).map { ($0.keyID, try $0.json()) }
        let entries = role.delegations.map { delegation -> JSONValue in
            var entry = Self.roleEntry(keys: delegation.keys, threshold: delegation.threshold)
            entry.append(("name", .string(delegation.role)))
            entry.append(("terminating", .bool(delegation.isTerminating)))
            if let paths = delegation.paths { entry.append(("paths", .array(paths.map { .string($0) }))) }
            if let prefixes = delegation.hashPrefixes {
                entry.append(("path_hash_prefixes", .array(prefixes.map { .string($0) })))
            }
            return .object(JSONObject(entry))
        }
        members.append(("delegations", ["keys": .object(JSONObject(keys)), "roles": .array(entries)]))
        return members
    }
}
