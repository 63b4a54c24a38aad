import Glibc
import LinuxFiles
import RouteSupport

/// The files of certificate and key that the server shows itself with under TLS.
public struct IdentityFiles: Sendable, Hashable {
    private static let bytesMax = 1 << 20

    /// What the files hold at one moment.
    struct Contents: Sendable, Hashable {
        var certificates: [UInt8]
        var key: [UInt8]
    }

    public let certificatePath: String
    public let keyPath: String

    /// - Throws: `ConfigurationFault` naming the file that cannot be read, or that others may read and must not.
    func contents() throws(ConfigurationFault) -> Contents {
        let certificates = try Self.read(certificatePath, .tlsCertificatePath).bytes
        let (key, permissions) = try Self.read(keyPath, .tlsKeyPath)
        guard permissions & 0o077 == 0 else {
            throw ConfigurationFault(
                Setting.tlsKeyPath.rawValue, "\(keyPath) is accessible to others than its owner: chmod 600")
        }
        return Contents(certificates: certificates, key: key)
    }

    /// - Throws: `ConfigurationFault` naming the file that is not what it should be.
    func identity(_ contents: Contents) throws(ConfigurationFault) -> ServerIdentity {
        do throws(ServerIdentity.Fault) {
            return try ServerIdentity(certificates: contents.certificates, key: contents.key)
        } catch {
            switch error {
            case .certificate:
                throw ConfigurationFault(
                    Setting.tlsCertificatePath.rawValue, "\(certificatePath) \(error.rawValue)")
            case .key: throw ConfigurationFault(Setting.tlsKeyPath.rawValue, "\(keyPath) \(error.rawValue)")
            case .pair:
                throw ConfigurationFault(
                    Setting.tlsKeyPath.rawValue, "\(keyPath) \(error.rawValue) in \(certificatePath)")
            }
        }
    }

    private static func read(
        _ path: String, _ setting: Setting
    ) throws(ConfigurationFault) -> (bytes: [UInt8], permissions: UInt32) {
        // Links are followed: secrets are mounted as links, and renewed by pointing one elsewhere.
        let number = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        do throws(FileFault) {
            guard number >= 0 else { throw FileFault(.open, code: errno) }
            let file = LinuxFiles.FileDescriptor(owning: number)
            return (try file.readAll(bytesMax: bytesMax), try file.identity().permissions)
        } catch {
            throw ConfigurationFault(setting.rawValue, "\(path) \(error.sentence)")
        }
    }
}
