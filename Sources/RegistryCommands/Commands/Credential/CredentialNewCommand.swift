internal import ArgumentParser
internal import FoundationEssentials
internal import RegistryCore
internal import StrictJSON

struct CredentialNewCommand: RegistryCommand {
    static let configuration = CommandConfiguration(
        commandName: "new", abstract: "Make a token and the entry of the registry's credentials file that knows it.",
        discussion: """
            The token is shown here and kept nowhere. Give it to whoever is to have it, and put the entry beneath \
            `credentials:` in the file that credentials_path names; it counts within a second.
            """)

    @Argument(help: "What events call it: a-z, 0-9 and, not first, . _ -")
    var name: String

    @Option(
        name: .customLong("right"), help: "pull, push, delete, review or waive; repeat it for several.",
        transform: { text in
            guard let right = AccessRight(rawValue: text) else {
                throw ValidationError("a right is pull, push, delete, review or waive")
            }
            return right
        })
    var rights: [AccessRight] = [.pull]

    @Option(name: .customLong("repository"), help: "A repository, NAME/* or **; repeat it for several.")
    var repositories: [String] = ["**"]

    @Option(name: .long, help: "From when on it counts no more, such as 2027-01-01T00:00:00Z.")
    var expires: String?

    @OptionGroup var output: OutputOptions

    /// What tokens of credentials begin with, so that scanners for secrets know them.
    private static let prefix = "prqc_"
    private static let entropyBytes = 32

    func validate() throws {
        guard (try? PrincipalName(parsing: name)) != nil else {
            throw ValidationError("A name has 1 to 64 characters of a-z, 0-9 and, not first, . _ -")
        }
        for text in repositories where RepositoryPattern(parsing: text) == nil {
            throw ValidationError("--repository takes a repository, NAME/* or **.")
        }
        guard expires.map({ Timestamp(parsing: $0) != nil }) ?? true else {
            throw ValidationError("--expires takes a time by RFC 3339: 2027-01-01T00:00:00Z")
        }
    }

    func execute(in context: CommandContext) async throws -> ExitStatus {
        let token = Self.makeToken()
        let hash = TokenHash(of: token.utf8)
        switch output.format {
        case .json: context.console.write(json: ["token": .string(token), "credential": entry(hash)])
        case .table: context.console.write("\(token)\n\n\(yaml(hash))")
        }
        return .done
    }

    private static func makeToken() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<entropyBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let text = Data(bytes).base64EncodedString()
        return prefix + text.filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : $0 }
    }

    private func entry(_ hash: TokenHash) -> JSONValue {
        .object(
            JSONObject(
                present: [
                    ("name", .string(name)), ("token_sha256", .string(hash.description)),
                    ("rights", .array(rights.map { .string($0.rawValue) })),
                    ("repositories", .array(repositories.map { .string($0) })),
                    ("expires", expires.map { .string($0) }),
                ]))
    }

    /// As people write it: one line for each field. Patterns stand in quotation marks, because an asterisk is an alias
    /// of YAML.
    private func yaml(_ hash: TokenHash) -> String {
        var lines = [
            "  - name: \"\(name)\"", "    token_sha256: \"\(hash)\"",
            "    rights: [\(rights.map(\.rawValue).joined(separator: ", "))]",
            "    repositories: [\(repositories.map { "\"\($0)\"" }.joined(separator: ", "))]",
        ]
        if let expires { lines.append("    expires: \"\(expires)\"") }
        return lines.joined(separator: "\n") + "\n"
    }
}
