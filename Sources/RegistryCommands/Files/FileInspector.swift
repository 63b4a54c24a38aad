public import Inspection
public import LinuxFiles

/// Why a file was not inspected. Nothing is known about it then.
public struct InspectionRefusal: Error, Sendable, Hashable {
    /// A sentence without its end.
    public var reason: String

    public init(_ reason: String) {
        self.reason = reason
    }
}

/// Looks into files that nobody vouches for.
public protocol FileInspector: Sendable {
    /// - Parameters:
    ///   - file: a regular file, open for reading alone.
    ///   - name: the name under which it is published.
    ///   - claim: what it is published as.
    func inspect(
        _ file: FileDescriptor, sizeBytes: UInt64, name: String, as claim: FileClaim
    ) async throws(InspectionRefusal) -> InspectionReport

    /// Shows a file, or a member of an archive in it, line by line.
    ///
    /// - Parameters:
    ///   - member: the way through archives, `!/` between their members; empty for the file itself.
    ///   - line: returns false when nothing more is wanted.
    func view(
        _ view: FileView, of file: FileDescriptor, sizeBytes: UInt64, member: String,
        line: @escaping @Sendable (ViewLine) -> Bool
    ) async throws(InspectionRefusal)
}
