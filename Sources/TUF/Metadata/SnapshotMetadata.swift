internal import StrictJSON

/// Which versions of all roles that name targets belong together (TUF 4.4).
public struct SnapshotMetadata: MetadataContent {
    static let type = "snapshot"

    public let header: MetadataHeader
    /// Also of roles that nobody delegates to any more.
    public let files: [RoleName: MetadataFile]

    init(
        _ header: MetadataHeader, _ fields: inout MetadataFields, role: RoleName, limits: TUFLimits
    ) throws(MetadataFault) {
        self.header = header
        var files: [RoleName: MetadataFile] = [:]
        for member in try fields.requiredObject("meta").members {
            guard let role = RoleName(listed: member.name) else {
                throw .malformed("an entry of meta is no name of a file of metadata")
            }
            files[role] = try MetadataFile(member.value)
        }
        self.files = files
    }

    /// TUF 5.5.5: nothing that `trusted` lists may go back or disappear.
    func requireNoRollback(from trusted: SnapshotMetadata) throws(TUFRefusal) {
        for (role, old) in trusted.files {
            guard let new = files[role] else { throw TUFRefusal(.snapshot, .roleRemoved(role)) }
            guard new.version >= old.version else {
                throw TUFRefusal(.snapshot, .rollback(of: role, trusted: old.version, found: new.version))
            }
        }
    }
}
