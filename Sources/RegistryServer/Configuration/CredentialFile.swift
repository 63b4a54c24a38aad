import Glibc
import LinuxFiles
import RegistryCore

/// The file of credentials, as it is at one moment.
enum CredentialFile {
    static let bytesMax = 1 << 22

    /// - Throws: `ConfigurationFault` naming the file, and the line of the mistake in it.
    static func read(_ path: String) throws(ConfigurationFault) -> CredentialList {
        try list(contents(of: path), path)
    }

    /// Whoever may write the file may give themselves every right.
    static func contents(of path: String) throws(ConfigurationFault) -> [UInt8] {
        // Links are followed: secrets are mounted as links.
        let number = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        let (bytes, permissions): ([UInt8], UInt32)
        do throws(FileFault) {
            guard number >= 0 else { throw FileFault(.open, code: errno) }
            let file = LinuxFiles.FileDescriptor(owning: number)
            permissions = try file.identity().permissions
            bytes = try file.readAll(bytesMax: bytesMax)
        } catch {
            throw ConfigurationFault(Setting.credentialsPath.rawValue, "\(path) \(error.sentence)")
        }
        guard permissions & 0o022 == 0 else {
            throw ConfigurationFault(
                Setting.credentialsPath.rawValue, "\(path) may be written by others than its owner: chmod go-w")
        }
        return bytes
    }

    static func list(_ bytes: [UInt8], _ path: String) throws(ConfigurationFault) -> CredentialList {
        do throws(CredentialFault) { return try CredentialList(parsing: bytes) } catch {
            // A fault of the YAML names its line itself.
            let line = if case .yaml = error { "" } else { ":\(error.line(in: bytes))" }
            throw ConfigurationFault(Setting.credentialsPath.rawValue, "\(path)\(line): \(error)")
        }
    }
}
