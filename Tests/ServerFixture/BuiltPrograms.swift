import Foundation

/// The programs that were built with the tests.
public enum BuiltPrograms {
    /// The folder that holds them: `$BIN`, or where the test bundle lies.
    public static let folder: String = {
        if let folder = ProcessInfo.processInfo.environment["BIN"], !folder.isEmpty { return folder }
        let bundle = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        return bundle.deletingLastPathComponent().path
    }()

    public static var pratique: String { "\(folder)/pratique" }
    public static var securectl: String { "\(folder)/securectl" }

    /// Whether this run must not leave tests out for want of a tool: `CI=true`.
    public static let isContinuousIntegration = ProcessInfo.processInfo.environment["CI"] == "true"
}
