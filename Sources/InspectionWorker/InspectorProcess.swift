import CLinux
import Glibc
package import Inspection

/// What a child does with the one file that it was given, and answers with.
///
/// It runs in a forked process with one thread and without rights: no task, no queue, no file, no log.
///
/// - Parameter file: open for reading, of `sizeBytes` bytes when the child started.
package typealias ChildWork = (_ file: Int32, _ sizeBytes: UInt64, _ name: String, _ claim: FileClaim) -> [UInt8]

/// What a child shows of the file, piece by piece.
package typealias ChildView = (
    _ file: Int32, _ sizeBytes: UInt64, _ view: FileView, _ member: String, _ write: @escaping ([UInt8]) -> Void
) -> Void

/// The hidden role in which this program inspects hostile bytes for its parent.
public enum InspectorProcess {
    /// First argument of the program in this role.
    public static let role = "inspector"

    static func isRequested(_ arguments: [String]) -> Bool {
        arguments.count > 1 && arguments[1] == role
    }

    /// Becomes the fork server for `work` and never returns, if the parent started this process as an inspector.
    package static func runIfRequested(
        arguments: [String], work: @escaping ChildWork, view: @escaping ChildView = { _, _, _, _, _ in }
    ) {
        guard isRequested(arguments) else { return }
        var server = ForkServer(work: work, view: view)
        _exit(server.run())
    }
}
