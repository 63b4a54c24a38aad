import Glibc
import LinuxFiles
import RouteSupport

/// The service token, read from its file.
public enum ServiceToken {
    /// - Returns: `nil` when there is no file: then nothing can be changed.
    /// - Throws: `TokenFault` when there is one that must not be used.
    public static func read(path: String) throws -> [UInt8]? {
        // Links are followed here: secrets are mounted as links, and whoever can place one can place a token, too.
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard number >= 0 else {
            if errno == ENOENT { return nil }
            throw TokenFault.unreadable
        }
        let file = LinuxFiles.FileDescriptor(owning: number)
        guard try file.identity().permissions & 0o077 == 0 else { throw TokenFault.readableByOthers }
        let bytes = try file.readAll(bytesMax: 4_096)
        let token = Array(bytes.trimmingWhitespace)
        guard token.count >= AccessRules.tokenBytesMin else { throw TokenFault.tooShort }
        guard token.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw TokenFault.notText }
        return token
    }
}

public enum TokenFault: String, Error, Sendable, Hashable, CustomStringConvertible {
    case unreadable = "the service token's file cannot be read"
    case readableByOthers = "the service token's file is accessible to others than its owner: chmod 600"
    case tooShort = "the service token has fewer than 32 bytes"
    case notText = "the service token holds bytes that no header field can carry"

    public var description: String { rawValue }
}

extension [UInt8] {
    fileprivate var trimmingWhitespace: ArraySlice<UInt8> {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        return self.drop(while: isSpace).reversed().drop(while: isSpace).reversed()[...]
    }
}
