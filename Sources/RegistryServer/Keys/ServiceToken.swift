import Glibc
import LinuxFiles
import RegistryCore

/// The service token, read from its file.
public enum ServiceToken {
    /// - Parameter mayBeAbsent: whether nobody chose this path, so that a missing file is no mistake.
    /// - Returns: `nil` when there is no file and there need not be one: then nothing can be changed.
    /// - Throws: `TokenFault` when there is one that must not be used, or none.
    public static func read(path: String, mayBeAbsent: Bool) throws(TokenFault) -> [UInt8]? {
        // Links are followed here: secrets are mounted as links, and whoever can place one can place a token, too.
        let number = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
        guard number >= 0 else {
            guard errno == ENOENT else { throw TokenFault(path, .unreadable) }
            guard mayBeAbsent else { throw TokenFault(path, .missing) }
            return nil
        }
        let file = LinuxFiles.FileDescriptor(owning: number)
        let bytes: [UInt8]
        let permissions: UInt32
        do throws(FileFault) {
            permissions = try file.identity().permissions
            bytes = try file.readAll(bytesMax: 4_096)
        } catch {
            throw TokenFault(path, .unreadable)
        }
        guard permissions & 0o077 == 0 else { throw TokenFault(path, .readableByOthers) }
        let token = Array(bytes.trimmingWhitespace)
        guard token.count >= Credential.tokenBytesMin else { throw TokenFault(path, .tooShort) }
        guard token.allSatisfy({ (0x21...0x7E).contains($0) }) else { throw TokenFault(path, .notText) }
        return token
    }
}

/// Why the file at `path` gives no service token. The registry does not start.
public struct TokenFault: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Kind: String, Sendable, Hashable {
        case missing = "the service token's file does not exist: make it, or leave service_token_path empty for none"
        case unreadable = "the service token's file cannot be read"
        case readableByOthers = "the service token's file is accessible to others than its owner: chmod 600"
        case tooShort = "the service token has fewer than 32 bytes"
        case notText = "the service token holds bytes that no header field can carry"
    }

    public var path: String
    public var kind: Kind

    init(_ path: String, _ kind: Kind) {
        self.path = path
        self.kind = kind
    }

    public var description: String { "\(path): \(kind.rawValue)" }
}

extension [UInt8] {
    fileprivate var trimmingWhitespace: ArraySlice<UInt8> {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
        return self.drop(while: isSpace).reversed().drop(while: isSpace).reversed()[...]
    }
}
