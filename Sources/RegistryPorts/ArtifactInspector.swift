public import Inspection

/// Looks into hostile bytes somewhere that has nothing to lose.
public protocol ArtifactInspector: Sendable {
    /// Never throws: whatever goes wrong is a report whose verdict is *undecided*.
    ///
    /// - Parameters:
    ///   - name: the file's name, for messages and for rules about names. It decides no format.
    ///   - claim: what it is published as.
    func inspect(_ file: any LocalFile, name: String, as claim: FileClaim) async -> InspectionReport
}
