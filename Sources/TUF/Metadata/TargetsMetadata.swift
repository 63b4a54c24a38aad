internal import StrictJSON

/// What targets there are, and who else may say so (TUF 4.5).
public struct TargetsMetadata: MetadataContent {
    static let type = "targets"

    public let header: MetadataHeader
    let role: RoleName
    private let targets: JSONObject
    let delegations: [Delegation]

    init(
        _ header: MetadataHeader, _ fields: inout MetadataFields, role: RoleName, limits: TUFLimits
    ) throws(MetadataFault) {
        self.header = header
        self.role = role
        targets = try fields.requiredObject("targets")
        for member in targets.members { _ = try TargetFile(member.name, member.value, by: role) }
        delegations =
            try fields.optionalObject("delegations").map { object throws(MetadataFault) in
                try Delegation.list(object, limits)
            } ?? []
    }

    /// What this role says about a target, without a look at whether it may.
    func target(_ path: String) -> TargetFile? {
        targets[path].flatMap { try? TargetFile(path, $0, by: role) }
    }

    /// The paths of all targets, in the order of the file.
    public var paths: [String] { targets.members.map(\.name) }
}
