internal import StrictJSON

/// Who may sign for the four roles (TUF 4.3).
public struct RootMetadata: MetadataContent {
    static let type = "root"

    public let header: MetadataHeader
    /// Whether files carry their version or hash in their name (TUF 6.2).
    public let hasConsistentSnapshots: Bool
    private let authorities: [RoleName: SigningAuthority]

    init(
        _ header: MetadataHeader, _ fields: inout MetadataFields, role: RoleName, limits: TUFLimits
    ) throws(MetadataFault) {
        self.header = header
        hasConsistentSnapshots = try fields.optionalBool("consistent_snapshot") ?? false
        let keys = try PublicKey.list(try fields.requiredObject("keys"))
        var roles = MetadataFields(try fields.requiredObject("roles"))
        var authorities: [RoleName: SigningAuthority] = [:]
        for role in [RoleName.root, .timestamp, .snapshot, .targets] {
            var fields = MetadataFields(try roles.requiredObject(role.description))
            authorities[role] = try SigningAuthority(&fields, keys: keys, limits: limits)
        }
        self.authorities = authorities
    }

    /// - Parameter role: one of the four.
    func verify(_ metadata: UnverifiedMetadata) throws(TUFRefusal) {
        guard let authority = authorities[metadata.role] else { throw TUFRefusal(metadata.role, .notListed) }
        try authority.verify(metadata)
    }
}
