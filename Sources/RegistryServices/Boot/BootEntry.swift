public import OCI
public import RegistryCore
public import StrictJSON

/// One artifact of a boot list, checked as far as it can be without looking at bytes.
public struct BootEntry: Sendable, Hashable {
    /// Where the artifact is meant to stand.
    public enum Goal: Sendable, Hashable {
        case trusted
        /// Kept for a decision that others make.
        case acquired
        case quarantined
        case revoked
        case deleted
    }

    /// One file of a directory.
    public struct File: Sendable, Hashable {
        public var path: RelativePath
        public var digest: Digest
        public var sizeBytes: UInt64
    }

    /// Index in the list, counted from 0.
    public var index: Int
    public var name: ArtifactName
    /// Beneath the registry's directory.
    public var path: RelativePath
    /// Of the file, or of the directory's listing.
    public var sha256: Digest
    public var sizeBytes: UInt64?
    public var format: String?
    public var source: String?
    public var sourceRevision: String?
    public var goal: Goal
    /// Why it stands there, for people.
    public var reason: String?
    /// What a directory consists of, when the list says so.
    public var files: [File]
    /// What the list says about scans: kept as a claim.
    public var claims: JSONValue?

    /// Fields that are read, and those that a registry derives itself when it writes such a list.
    static let knownFields: Set<String> = [
        "name", "filename", "path", "sha256", "size_bytes", "format", "source", "source_revision", "state", "status",
        "blocked", "reason", "files", "scan_results", "scanner_versions", "policy_version", "digest", "acquired_at",
        "promoted_at", "evidence_count", "gguf_guard_fingerprint", "gguf_guard_manifest",
    ]
    private static let claimFields = ["scan_results", "scanner_versions", "policy_version"]

    init(_ row: JSONValue, _ index: Int) throws(BootEntryFault) {
        let name: ArtifactName
        do throws(BootEntryFault.Reason) { name = try Self.name(row) } catch {
            throw BootEntryFault(index: index, name: nil, reason: error)
        }
        do throws(BootEntryFault.Reason) { try self.init(row, index, name) } catch {
            throw BootEntryFault(index: index, name: name, reason: error)
        }
    }

    private init(_ row: JSONValue, _ index: Int, _ name: ArtifactName) throws(BootEntryFault.Reason) {
        self.index = index
        self.name = name
        let filename: String
        let digest: String
        let state: String?
        let isBlocked: Bool
        let rows: [JSONValue]
        var fields: FieldReader
        do throws(FieldFault) {
            fields = try FieldReader(row, field: "models")
            let path = try fields.optionalString("path")
            guard let given = try fields.optionalString("filename") ?? path else {
                throw FieldFault.missing("filename")
            }
            filename = given
            digest = try fields.requiredString("sha256")
            sizeBytes = try fields.optionalUInt64("size_bytes")
            format = try fields.optionalString("format")
            source = try fields.optionalString("source")
            sourceRevision = try fields.optionalString("source_revision")
            let status = try fields.optionalString("status")
            state = try fields.optionalString("state") ?? status
            isBlocked = try fields.optionalBool("blocked") ?? false
            reason = try fields.optionalString("reason")
            rows = try fields.optionalArray("files") ?? []
        } catch { throw .field(error) }
        path = try Self.path(filename)
        sha256 = try Self.digest(digest)
        goal = try Self.goal(state, isBlocked: isBlocked)
        if isBlocked { reason = reason ?? "blocked by the boot list" }
        files = []
        for row in rows { files.append(try Self.file(row)) }
        let claimed = Self.claimFields.compactMap { field in
            row.asObject?[field].flatMap { $0.isNull ? nil : (field, $0) }
        }
        claims = claimed.isEmpty ? nil : .object(JSONObject(claimed))
    }

    /// An entry without a state is meant to be trusted; one that is blocked never is.
    private static func goal(_ state: String?, isBlocked: Bool) throws(BootEntryFault.Reason) -> Goal {
        let goal: Goal =
            switch state.map({ ArtifactState(rawValue: $0) }) {
            case nil, .some(.some(.trusted)): .trusted
            case .some(.some(.acquired)): .acquired
            case .some(.some(.quarantined)): .quarantined
            case .some(.some(.revoked)): .revoked
            case .some(.some(.deleted)): .deleted
            case .some(.none): throw .unknownState(state ?? "")
            }
        guard isBlocked, goal != .deleted else { return goal }
        return .revoked
    }

    private static func name(_ row: JSONValue) throws(BootEntryFault.Reason) -> ArtifactName {
        let text: String
        do throws(FieldFault) {
            var fields = try FieldReader(row, field: "models")
            text = try fields.requiredString("name")
        } catch { throw .field(error) }
        do { return try ArtifactName(parsing: text) } catch { throw .badName(error) }
    }

    private static func path(_ text: String) throws(BootEntryFault.Reason) -> RelativePath {
        do { return try RelativePath(parsing: text) } catch { throw .badPath(error) }
    }

    /// The digits, or a digest as descriptors write it.
    private static func digest(_ text: String) throws(BootEntryFault.Reason) -> Digest {
        guard let digest = (try? Digest(.sha256, hex: text)) ?? (try? Digest(parsing: text)),
            digest.algorithm == .sha256
        else { throw .badDigest }
        return digest
    }

    private static func file(_ row: JSONValue) throws(BootEntryFault.Reason) -> File {
        let (path, digest, size): (String, String, UInt64)
        do throws(FieldFault) {
            var fields = try FieldReader(row, field: "files")
            path = try fields.requiredString("path")
            digest = try fields.requiredString("sha256")
            size = try fields.requiredUInt64("size_bytes")
        } catch { throw .field(error) }
        return File(path: try Self.path(path), digest: try Self.digest(digest), sizeBytes: size)
    }
}
