public import OCI

/// What an issued token is for, in the words of the distribution project's token protocol: `repository:NAME:pull,push`
/// and `registry:catalog:*`.
public struct TokenScopes: Sendable, Hashable {
    /// Most scopes of one token: it has to fit into a header field.
    public static let countMax = 32

    public struct Repository: Sendable, Hashable {
        public let repository: RepositoryName
        public let rights: Set<AccessRight>

        public init(_ repository: RepositoryName, _ rights: Set<AccessRight>) {
            self.repository = repository
            self.rights = rights
        }
    }

    public let repositories: [Repository]
    public let hasCatalog: Bool

    public init(_ repositories: [Repository], hasCatalog: Bool = false) {
        self.repositories = repositories
        self.hasCatalog = hasCatalog
    }

    /// Reads scopes. Those that are not understood grant nothing, and are left out.
    public init(parsing texts: some Sequence<Substring>) {
        var repositories: [Repository] = []
        var hasCatalog = false
        for text in texts {
            if text == Self.catalog { hasCatalog = true }
            if let repository = Repository(parsing: text) { repositories.append(repository) }
        }
        self.init(repositories, hasCatalog: hasCatalog)
    }

    private static let catalog = "registry:catalog:*"

    /// A token to pull with also shows a reviewer what is not trusted: clients know no word for that, and ask for pull.
    public func allow(_ right: AccessRight, on repository: RepositoryName) -> Bool {
        repositories.contains { scope in
            scope.repository == repository && scope.rights.contains(right == .review ? .pull : right)
        }
    }

    /// Each scope as text, which `init(parsing:)` reads.
    public var texts: [String] {
        repositories.map { scope in
            let rights = scope.rights.map(\.rawValue).sorted().joined(separator: ",")
            return "repository:\(scope.repository):\(rights)"
        } + (hasCatalog ? [Self.catalog] : [])
    }
}

extension TokenScopes.Repository {
    fileprivate init?(parsing text: Substring) {
        // The name holds no colon, and a type may have a class: `repository(plugin)`.
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == "repository", let name = try? RepositoryName(parsing: String(parts[1]))
        else { return nil }
        var rights: Set<AccessRight> = []
        for action in parts[2].split(separator: ",") {
            switch action {
            case "pull": rights.insert(.pull)
            case "push": rights.insert(.push)
            case "delete": rights.insert(.delete)
            case "*": rights.formUnion([.pull, .push, .delete])
            default: continue
            }
        }
        guard !rights.isEmpty else { return nil }
        self.init(name, rights)
    }
}
