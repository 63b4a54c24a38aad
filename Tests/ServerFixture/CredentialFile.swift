import Crypto
import Foundation

/// The file of credentials of a registry, as a test wants it.
public struct CredentialFile: Sendable {
    public struct Entry: Sendable {
        public var name: String
        /// The token, or a line of OpenSSH.
        public var secret: String
        public var rights: [String]
        public var repositories: [String]
        public var expires: String?

        public init(
            _ name: String, _ rights: [String], on repositories: [String], secret: String? = nil,
            expires: String? = nil
        ) {
            self.name = name
            self.secret = secret ?? CredentialFile.token(of: name)
            self.rights = rights
            self.repositories = repositories
            self.expires = expires
        }
    }

    public var entries: [Entry]
    public var openRepositories: [String] = []
    public let path: String

    /// A file beside the registry's directory, which `settings` names.
    public init(in home: RegistryHome, _ entries: [Entry]) throws {
        path = home.path + "/credentials.yaml"
        self.entries = entries
        try write()
    }

    /// The token of a credential that a test did not choose by itself.
    public static func token(of name: String) -> String { "\(name)-0123456789abcdef0123456789abcdef" }

    public var text: String {
        var lines = ["version: 1", entries.isEmpty ? "credentials: []" : "credentials:"]
        for entry in entries {
            let isKey = entry.secret.hasPrefix("ssh-")
            let secret =
                isKey ? "ed25519: \(entry.secret)" : "token_sha256: \"\(sha256(Array(entry.secret.utf8)))\""
            lines += [
                "  - name: \(entry.name)", "    \(secret)",
                "    rights: [\(entry.rights.joined(separator: ", "))]",
                "    repositories: [\(entry.repositories.map { "\"\($0)\"" }.joined(separator: ", "))]",
            ]
            if let expires = entry.expires { lines.append("    expires: \(expires)") }
        }
        let open = openRepositories.map { "\"\($0)\"" }.joined(separator: ", ")
        lines.append("open_repositories: [\(open)]")
        return lines.joined(separator: "\n") + "\n"
    }

    /// Puts it in place of the one before, as a whole.
    public func write() throws {
        try write(text)
    }

    public func write(_ text: String) throws {
        let new = path + ".new"
        guard
            FileManager.default.createFile(
                atPath: new, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600]),
            rename(new, path) == 0
        else { throw FixtureFault("\(path) cannot be written") }
    }
}
