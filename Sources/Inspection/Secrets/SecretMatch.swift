/// A secret that was found, as far as it may be told: what it is and where, never what it says.
struct SecretMatch: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case privateKey
        case encryptedKey
        case token
        case urlPassword
        case assignment

        /// Whether the form alone says what it is.
        var isCertain: Bool {
            switch self {
            case .privateKey, .encryptedKey, .token: true
            case .urlPassword, .assignment: false
            }
        }
    }

    let kind: Kind
    /// `GitHub token`, `private key`, the name that a value is given.
    let name: String
    /// How it begins, which all of its kind have in common.
    let prefix: String
    let range: Range<Int>
}
