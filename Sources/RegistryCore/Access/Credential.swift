/// A secret that somebody holds, and the rights that come with it.
public struct Credential: Sendable, Hashable {
    public enum Secret: Sendable, Hashable {
        /// A token of at least `tokenBytesMin` bytes.
        case token(TokenHash)
        /// The private key of this one.
        case ed25519(Ed25519PublicKey)
    }

    /// Shortest token that counts, in bytes. A hash is not salted, so that a token must not be one that people choose.
    public static let tokenBytesMin = 32

    public var name: PrincipalName
    public var secret: Secret
    public var rights: Set<AccessRight>
    public var repositories: [RepositoryPattern]
    /// From this moment on it is worth nothing.
    public var expires: Timestamp?

    public init(
        name: PrincipalName, secret: Secret, rights: Set<AccessRight>, repositories: [RepositoryPattern],
        expires: Timestamp? = nil
    ) {
        self.name = name
        self.secret = secret
        self.rights = rights
        self.repositories = repositories
        self.expires = expires
    }

    public var principal: Principal { Principal(.credential(name), rights, on: repositories) }
}
