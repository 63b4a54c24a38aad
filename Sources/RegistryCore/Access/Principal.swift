public import OCI

/// Somebody who asks, and what they may do with repositories.
public struct Principal: Sendable, Hashable {
    public enum Identity: Sendable, Hashable {
        /// Showed nothing.
        case anonymous
        /// Reached the loopback address of a registry in development mode.
        case developmentMode
        case serviceToken
        /// Showed the credential of this name.
        case credential(PrincipalName)
    }

    public let identity: Identity
    private let rights: Set<AccessRight>
    private let repositories: [RepositoryPattern]
    /// What the token that was shown is for; `nil` for a secret of one's own, which has no such bounds.
    private let scopes: TokenScopes?

    public init(
        _ identity: Identity, _ rights: Set<AccessRight>, on repositories: [RepositoryPattern]
    ) {
        self.init(identity, rights, repositories, nil)
    }

    private init(
        _ identity: Identity, _ rights: Set<AccessRight>, _ repositories: [RepositoryPattern], _ scopes: TokenScopes?
    ) {
        self.identity = identity
        self.rights = rights
        self.repositories = repositories
        self.scopes = scopes
    }

    /// Somebody who may do nothing.
    public static let nobody = Principal(.anonymous, [], on: [])
    /// Anybody, where reading is open.
    public static let anonymousReader = Principal(.anonymous, [.pull], on: [.all])
    /// The holder of the service token. A runtime may be one, so reading what is not trusted is not among its rights.
    public static let serviceToken = Principal(.serviceToken, [.pull, .push, .delete], on: [.all])
    public static let developmentMode = Principal(.developmentMode, [.pull, .push, .delete, .waive], on: [.all])

    /// As events name it; `nil` for somebody who showed nothing.
    public var actor: Actor? {
        switch identity {
        case .anonymous: nil
        case .developmentMode: .developmentMode
        case .serviceToken: .serviceToken
        case .credential(let name): .principal(name)
        }
    }

    /// Whether this request may do it: by the rights of the principal, and within the scopes of its token.
    public func may(_ right: AccessRight, on repository: RepositoryName) -> Bool {
        holds(right, on: repository) && (scopes?.allow(right, on: repository) ?? true)
    }

    /// Whether the principal has the right, although the token of this request may be for less.
    public func holds(_ right: AccessRight, on repository: RepositoryName) -> Bool {
        rights.contains(right) && repositories.contains { $0.matches(repository) }
    }

    /// Whether this request may read back what the principal pushed there before it is trusted: a credential that may
    /// push, and pull. A runtime may hold the service token, and anybody is in development mode.
    public func mayReadBack(from repository: RepositoryName) -> Bool {
        guard case .credential = identity else { return false }
        return may(.pull, on: repository) && holds(.push, on: repository)
    }

    /// Whether the principal has any right at all.
    public var holdsAny: Bool { !rights.isEmpty }

    /// Whether this request may ask which repositories there are: those that it is told of are those it may pull from.
    public var mayListRepositories: Bool { scopes?.hasCatalog ?? true }

    /// Whether a list of repositories names this one to the principal.
    public func maySee(_ repository: RepositoryName) -> Bool { holds(.pull, on: repository) }

    /// Whether it may see every repository that there is or will be.
    public var seesEverything: Bool { rights.contains(.pull) && repositories.contains(.all) }

    /// Whether it may use every operation of the model API: with the service token itself, and not with one that was
    /// issued for repositories.
    public var mayUseModelAPI: Bool {
        scopes == nil && (identity == .serviceToken || identity == .developmentMode)
    }

    /// Whether the principal may have any blob there is, whatever repository has it: who may push to all of them or
    /// review them, although the token of this request may be for less.
    public var holdsEveryBlob: Bool {
        repositories.contains(.all) && !rights.isDisjoint(with: [.push, .review])
    }

    /// Whether this request may have any blob there is. A token for lists of repositories says that it is meant for
    /// all of them.
    public var mayHaveEveryBlob: Bool { holdsEveryBlob && mayListRepositories }

    /// Whether this request may answer for what was found in an artifact. The service token may not, because who
    /// decides by a policy must not decide that it does not count, and an issued token is for repositories.
    public func mayWaive(_ name: ArtifactName) -> Bool {
        guard mayWaiveSomething else { return false }
        let repository = name.pushed?.repository ?? (try? RepositoryName(parsing: name.description))
        return repository.map { holds(.waive, on: $0) } ?? repositories.contains(.all)
    }

    /// Whether there may be an artifact that `mayWaive` is true of.
    public var mayWaiveSomething: Bool { scopes == nil && rights.contains(.waive) }

    /// Whether this request may see which waivers there are.
    public var maySeeWaivers: Bool {
        mayUseModelAPI || seesEverything || mayWaiveSomething
    }

    /// The same principal, with a token that is for less.
    public func limited(to scopes: TokenScopes) -> Principal {
        Principal(identity, rights, repositories, scopes)
    }

    /// What of these scopes the principal has.
    public func granting(_ wanted: TokenScopes) -> TokenScopes {
        TokenScopes(
            wanted.repositories.compactMap { scope in
                let granted = scope.rights.filter { may($0, on: scope.repository) }
                return granted.isEmpty ? nil : TokenScopes.Repository(scope.repository, granted)
            },
            hasCatalog: wanted.hasCatalog && mayListRepositories && holdsAny)
    }
}
