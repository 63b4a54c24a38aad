internal import LinuxFiles
internal import Signing

/// A private key in a file that the user named.
enum KeyFile {
    /// Reads and opens it.
    ///
    /// - Throws: for a file that others may read or write: whoever could, has the key or could have put it there.
    static func open(
        _ path: String, _ password: PasswordOptions, in context: CommandContext
    ) throws(CommandFailure) -> SigningKey {
        let file = try LocalFile(path)
        let permissions: UInt32
        do throws(FileFault) {
            permissions = try file.descriptor.identity().permissions
        } catch {
            throw CommandFailure(error, path: path)
        }
        guard permissions & 0o077 == 0 else {
            throw CommandFailure(
                .noPermission, "\(path) may be read or written by others (mode \(String(permissions, radix: 8))).",
                hint: "A private key is for its owner alone: chmod 600.")
        }
        let text = try file.readAll(bytesMax: PrivateKeyFile.bytesMax)
        let content: PrivateKeyFile
        do throws(SigningFault) {
            content = try PrivateKeyFile(parsing: text)
        } catch {
            throw CommandFailure(error, path: path)
        }
        let secret = content.isEncrypted ? try password.password(for: path, in: context) : []
        do throws(SigningFault) {
            return try content.key(password: secret)
        } catch {
            throw CommandFailure(error, path: path)
        }
    }
}

extension CommandFailure {
    init(_ fault: SigningFault, path: String) {
        switch fault {
        case .passwordWrong, .passwordMissing:
            self.init(.noPermission, "\(path) cannot be opened: \(fault).")
        case .libraryFailure: self.init(.software, "\(path): \(fault).")
        case .malformedPEM, .malformedKey, .unsupportedKey, .unsupportedEncryption, .derivationTooCostly,
            .bytesNeeded:
            self.init(.dataError, "\(path) is no key that is signed with: \(fault).")
        }
    }
}
