internal import LinuxFiles
internal import RegistryClient

/// Files that hold a token.
enum TokenFile {
    /// Reads a token that somebody named: not being able to is a failure.
    static func read(_ path: String) throws(CommandFailure) -> BearerToken {
        let bytes = try LocalFile(path).readAll(bytesMax: BearerToken.bytesMax * 2)
        guard let token = BearerToken(fileContent: bytes) else {
            throw CommandFailure(.configuration, "\(path) holds no token: one line of visible ASCII characters.")
        }
        return token
    }

    /// Reads the token in the usual place, if there is one that this user may read.
    static func readIfReadable(_ path: String) throws(CommandFailure) -> BearerToken? {
        do throws(CommandFailure) {
            return try read(path)
        } catch {
            guard error.status == .noInput || error.status == .noPermission else { throw error }
            return nil
        }
    }
}
