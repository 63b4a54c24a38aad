internal import RegistryClient

/// Where files of a repository are: a scheme, a host and a path, below which all requests stay.
public struct RepositoryAddress: Sendable, Hashable, CustomStringConvertible {
    /// With one slash at the end.
    public let description: String

    /// Whether whoever is on the way could read and change what comes.
    public let isEncrypted: Bool
    /// Whether it is a server of this machine.
    public let isLoopback: Bool

    /// Longest address, in bytes.
    private static let bytesMax = 4_096

    /// - Returns: `nil` for all but `http://` and `https://` with a host and a path of plain or percent-encoded
    ///   characters, without a user, a query or names that lead elsewhere.
    public init?(parsing text: String) {
        guard text.utf8.count <= Self.bytesMax, let scheme = text.firstRange(of: "://") else { return nil }
        let authority = text[scheme.upperBound...].prefix { $0 != "/" }
        let path = text[authority.endIndex...]
        guard let server = try? ServerAddress(parsing: text[..<scheme.upperBound].lowercased() + authority),
            path.utf8.allSatisfy(Self.isPathByte)
        else { return nil }
        let names = path.split(separator: "/")
        guard names.allSatisfy({ $0 != "." && $0 != ".." }) else { return nil }
        description = ([server.description] + names.map(String.init)).joined(separator: "/") + "/"
        isEncrypted = server.scheme == .https
        isLoopback = server.isLoopback
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "-")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "%"):
            true
        default: false
        }
    }
}
