public import RegistryCore

/// The receipt that state, policy and digest agree at this moment: the only way in which bytes leave towards a runtime.
///
/// Only `Admission` makes one. It is good for the answer that is being given, not for keeping.
public struct ServableArtifact: Sendable {
    public let record: ArtifactRecord
    public let files: [ArtifactFile]
    /// The policy decision that it stands on.
    public let admittance: Admittance

    package init(admitted record: ArtifactRecord, files: [ArtifactFile], admittance: Admittance) {
        self.record = record
        self.files = files
        self.admittance = admittance
    }
}
