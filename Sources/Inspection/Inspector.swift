public import ModelFormats

/// Looks into one file and reports what it is, what is wrong with it and what that comes to.
public enum Inspector {
    /// Inspects a file by its content.
    ///
    /// Never throws: whatever cannot be read is a finding, and its verdict is never clean.
    ///
    /// - Parameters:
    ///   - name: the name under which the file is published. It can only make the verdict worse.
    ///   - claim: what the file is published as.
    public static func inspect(
        source: some ByteSource, name: String, as claim: FileClaim = .none, limits: InspectionLimits = .standard
    ) -> InspectionReport {
        var inspection = FileInspection(source: source, name: name, claim: claim, limits: limits)
        inspection.run()
        return inspection.report()
    }
}
