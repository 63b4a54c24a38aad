internal import OCI

/// What a token is for (distribution, "Token Scope Documentation").
struct AccessScope: Sendable, Hashable, CustomStringConvertible {
    enum Action: String, Sendable, Hashable, Comparable {
        case pull, push, delete

        static func < (left: Action, right: Action) -> Bool { left.order < right.order }

        private var order: Int {
            switch self {
            case .pull: 0
            case .push: 1
            case .delete: 2
            }
        }
    }

    /// Repositories and what is to be done with them, in the order in which they were asked for.
    private(set) var resources: [String]

    init(_ repository: RepositoryName, _ actions: Set<Action>) {
        resources = ["repository:\(repository):" + actions.sorted().map(\.rawValue).joined(separator: ",")]
    }

    /// Nothing but to be known.
    static let none = AccessScope(resources: [])

    private init(resources: [String]) {
        self.resources = resources
    }

    /// This, and what else a registry says that it takes.
    func adding(_ text: String?) -> AccessScope {
        var scope = self
        for resource in (text ?? "").split(separator: " ").map(String.init) where !resources.contains(resource) {
            scope.resources.append(resource)
        }
        return scope
    }

    func adding(_ other: AccessScope) -> AccessScope {
        adding(other.description)
    }

    var description: String { resources.joined(separator: " ") }
}
