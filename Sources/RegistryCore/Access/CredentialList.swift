import SafeYAML
import StrictJSON

/// The credentials of a registry, and the repositories that take none of its checks.
public struct CredentialList: Sendable, Hashable {
    public static let credentialsMax = 10_000
    /// Patterns of one credential, and of `open_repositories`.
    public static let patternsMax = 256

    public var credentials: [Credential]
    /// Repositories without the gate: plain ones, for what nobody wants to be judged.
    public var openRepositories: [RepositoryPattern]

    public static let empty = CredentialList(credentials: [], openRepositories: [])

    public init(credentials: [Credential], openRepositories: [RepositoryPattern]) {
        self.credentials = credentials
        self.openRepositories = openRepositories
    }

    /// Reads the file (a safe subset of YAML: no anchors, aliases, tags or repeated keys).
    ///
    /// ```yaml
    /// version: 1
    /// credentials:
    ///   - name: ci
    ///     token_sha256: 5b74c…
    ///     rights: [pull, push]
    ///     repositories: [team/*]
    ///     expires: 2027-01-01T00:00:00Z
    ///   - name: laptop
    ///     ed25519: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5…
    ///     rights: [pull]
    ///     repositories: ["**"]
    /// open_repositories: [mirror/*]
    /// ```
    public init(parsing yaml: [UInt8]) throws(CredentialFault) {
        let value: JSONValue
        do { value = try SafeYAML.parse(yaml, limits: .credentials) } catch { throw .yaml(error) }
        let rows: [JSONValue]
        let open: [JSONValue]
        do throws(FieldFault) {
            var fields = try FieldReader(value)
            let version = try fields.requiredUInt64("version")
            rows = try fields.optionalArray("credentials") ?? []
            open = try fields.optionalArray("open_repositories") ?? []
            try fields.finish()
            guard version == 1 else { throw FieldFault.wrongType("version", expected: "1") }
        } catch {
            throw .field(error, row: nil)
        }
        guard rows.count <= Self.credentialsMax else { throw .tooMany(limit: Self.credentialsMax) }
        openRepositories = try Self.patterns(open, "open_repositories", row: nil)
        credentials = []
        credentials.reserveCapacity(rows.count)
        for (index, row) in rows.enumerated() { credentials.append(try Credential(row, at: index)) }
        try refuseRepetitions()
    }

    /// Two credentials of one name would be one principal in the log, and of two with one secret it would be chance
    /// whose rights count.
    private func refuseRepetitions() throws(CredentialFault) {
        var names: Set<PrincipalName> = []
        var secrets: Set<Credential.Secret> = []
        for (index, credential) in credentials.enumerated() {
            guard names.insert(credential.name).inserted else {
                throw .refused("is the name of another credential", field: "name", row: index)
            }
            guard secrets.insert(credential.secret).inserted else {
                throw .refused("is the secret of another credential", field: credential.secret.field, row: index)
            }
        }
    }

    fileprivate static func patterns(
        _ values: [JSONValue], _ field: String, row: Int?
    ) throws(CredentialFault) -> [RepositoryPattern] {
        guard values.count <= patternsMax else {
            throw .refused("has more than \(patternsMax) patterns", field: field, row: row)
        }
        var patterns: [RepositoryPattern] = []
        for value in values {
            guard let text = value.asString, let pattern = RepositoryPattern(parsing: text) else {
                throw .refused(
                    "has to be a list of repositories: a name, name/* or **, in quotation marks", field: field,
                    row: row)
            }
            patterns.append(pattern)
        }
        return patterns
    }
}

extension YAMLLimits {
    /// Read again whenever it changes.
    static let credentials = YAMLLimits(bytesMax: 1 << 22, depthMax: 8, nodesMax: 1 << 18, scalarBytesMax: 1 << 12)
}

extension Credential {
    /// - Parameter index: where the row stands in the list.
    fileprivate init(_ row: JSONValue, at index: Int) throws(CredentialFault) {
        let name: String
        let token: String?
        let key: String?
        let rights: [String]
        let repositories: [JSONValue]
        let expires: String?
        do throws(FieldFault) {
            var fields = try FieldReader(row)
            name = try fields.requiredString("name")
            token = try fields.optionalString("token_sha256")
            key = try fields.optionalString("ed25519")
            guard let listed = try fields.optionalStrings("rights") else { throw FieldFault.missing("rights") }
            rights = listed
            repositories = try fields.requiredArray("repositories")
            expires = try fields.optionalString("expires")
            try fields.finish()
        } catch {
            throw .field(error, row: index)
        }
        guard let name = try? PrincipalName(parsing: name) else {
            throw .refused("has 1 to 64 characters of a-z, 0-9 and, not first, . _ -", field: "name", row: index)
        }
        self.name = name
        secret = try Self.secret(token: token, key: key, at: index)
        self.rights = try Self.rights(rights, at: index)
        guard !repositories.isEmpty else { throw .refused("names no repository", field: "repositories", row: index) }
        self.repositories = try CredentialList.patterns(repositories, "repositories", row: index)
        if let expires {
            guard let time = Timestamp(parsing: expires) else {
                throw .refused("has to be a time by RFC 3339: 2027-01-01T00:00:00Z", field: "expires", row: index)
            }
            self.expires = time
        }
    }

    private static func secret(
        token: String?, key: String?, at index: Int
    ) throws(CredentialFault) -> Secret {
        switch (token, key) {
        case (let text?, nil):
            guard let hash = TokenHash(hexadecimal: text) else {
                throw .refused("has to be 64 hexadecimal digits", field: "token_sha256", row: index)
            }
            return .token(hash)
        case (nil, let line?):
            guard let key = Ed25519PublicKey(line: line) else {
                throw .refused("has to be a line of OpenSSH: ssh-ed25519 AAAA…", field: "ed25519", row: index)
            }
            return .ed25519(key)
        case (nil, nil): throw .refused("has neither token_sha256 nor ed25519", field: nil, row: index)
        case (_?, _?): throw .refused("has both token_sha256 and ed25519", field: "ed25519", row: index)
        }
    }

    private static func rights(_ texts: [String], at index: Int) throws(CredentialFault) -> Set<AccessRight> {
        var rights: Set<AccessRight> = []
        for text in texts {
            guard let right = AccessRight(rawValue: text) else {
                throw .refused(
                    "holds what is none of pull, push, delete, review and waive", field: "rights", row: index)
            }
            rights.insert(right)
        }
        guard !rights.isEmpty else { throw .refused("holds no right", field: "rights", row: index) }
        return rights
    }
}

extension Credential.Secret {
    /// The field that it is read from.
    fileprivate var field: String {
        switch self {
        case .token: "token_sha256"
        case .ed25519: "ed25519"
        }
    }
}
