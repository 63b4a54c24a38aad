public import OCI

/// Which repositories something is for: one (`team/llama`), all beneath a name at any depth (`team/*`), or all (`**`).
///
/// There is no other wildcard, so that comparing takes one look at each byte of the name.
public struct RepositoryPattern: Sendable, Hashable, CustomStringConvertible {
    private enum Form: Sendable, Hashable {
        case exact(String)
        /// Ends in a slash.
        case beneath(String)
        case all
    }

    private let form: Form

    public static let all = RepositoryPattern(form: .all)

    private init(form: Form) {
        self.form = form
    }

    /// - Returns: `nil` for a text of another form, or with a name that no repository can have.
    public init?(parsing text: String) {
        if text == "**" {
            form = .all
        } else if text.hasSuffix("/*") {
            guard let name = try? RepositoryName(parsing: String(text.dropLast(2))) else { return nil }
            form = .beneath(name.description + "/")
        } else {
            guard let name = try? RepositoryName(parsing: text) else { return nil }
            form = .exact(name.description)
        }
    }

    public func matches(_ repository: RepositoryName) -> Bool {
        switch form {
        case .exact(let name): repository.description.utf8.elementsEqual(name.utf8)
        // Longer than the prefix it is by itself: no name ends in a slash.
        case .beneath(let prefix): repository.description.utf8.starts(with: prefix.utf8)
        case .all: true
        }
    }

    public var description: String {
        switch form {
        case .exact(let name): name
        case .beneath(let prefix): prefix + "*"
        case .all: "**"
        }
    }
}
