internal import Glibc
internal import LinuxFiles

/// Where this program keeps what it is told and what it remembers (XDG Base Directory Specification).
struct UserDirectories: Sendable, Hashable {
    /// What the user decided: `$XDG_CONFIG_HOME/pratique`.
    let configuration: String

    /// What must not be forgotten: `$XDG_STATE_HOME/pratique`.
    let state: String

    /// - Throws: `.configuration` if neither the XDG variables nor `HOME` hold an absolute path.
    init(_ environment: [String: String]) throws(CommandFailure) {
        configuration = try Self.directory("XDG_CONFIG_HOME", ".config", environment)
        state = try Self.directory("XDG_STATE_HOME", ".local/state", environment)
    }

    private static func directory(
        _ variable: String, _ beneathHome: String, _ environment: [String: String]
    ) throws(CommandFailure) -> String {
        // A relative path in an XDG variable has to be ignored.
        if let path = environment[variable], path.hasPrefix("/") { return path + "/pratique" }
        guard let home = environment["HOME"], home.hasPrefix("/") else {
            throw CommandFailure(.configuration, "Neither \(variable) nor HOME names a directory.")
        }
        return "\(home)/\(beneathHome)/pratique"
    }

    /// Opens a directory, making it and what leads to it for this user alone.
    static func open(making path: String) throws(CommandFailure) -> Directory {
        do throws(FileFault) {
            return try Directory(path: path)
        } catch {
            guard error.kind == .notFound else { throw CommandFailure(error, path: path) }
            // A bare name lies in the working directory, and one behind the first slash in the root: both are there.
            if let slash = path.lastIndex(of: "/"), slash > path.startIndex {
                _ = try open(making: String(path[..<slash]))
            }
        }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else {
            throw CommandFailure(FileFault(.create, code: errno), path: path)
        }
        do {
            return try Directory(path: path)
        } catch {
            throw CommandFailure(error, path: path)
        }
    }
}
