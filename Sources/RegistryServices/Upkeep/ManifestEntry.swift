import OCI
import RegistryCore
import StrictJSON

extension ArtifactRecord {
    /// The artifact as `manifest.yaml` lists it: the fields of a boot list, so that an empty registry can begin with
    /// it.
    ///
    /// - Parameter files: of a directory, what it consists of.
    func manifestEntry(files: [ArtifactFile]) -> JSONValue {
        let content = acquisition.content
        let listing = files.map { file -> JSONValue in
            [
                "path": .string(file.path.description), "sha256": .string(file.digest.hex),
                "size_bytes": .integer(file.sizeBytes),
            ]
        }
        return .object(
            JSONObject(present: [
                ("name", .string(name.description)), ("state", .string(state.rawValue)),
                ("filename", .string(content.filename)), ("sha256", .string(content.sha256.hex)),
                ("size_bytes", .integer(content.sizeBytes)), ("format", .string(acquisition.format)),
                ("source", acquisition.source.map { .string($0) }),
                ("source_revision", acquisition.sourceRevision.map { .string($0) }),
                ("reason", reason.map { .string($0) }), ("acquired_at", .string(acquiredAt.description)),
                ("promoted_at", promotedAt.map { .string($0.description) }),
                ("policy_version", admittance.map { .string($0.policyVersion) }),
                ("digest", .string(key.version.description)),
                ("files", content.layout == .directory ? .array(listing) : nil),
            ]))
    }
}
