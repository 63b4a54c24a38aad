import OCI
import RegistryCore
import Testing

@Suite("The file of credentials")
struct CredentialListTests {
    /// `printf '%s' 0123456789abcdef0123456789abcdef | sha256sum`
    private static let hash = "3eb1bd439947eb762998e566ccc2e099c791118b2f40579cc4f7da2b5061b7f9"
    /// Made by `ssh-keygen -t ed25519`.
    private static let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKSUVS9Y8DTNSn3iqVWH/E7rsQqDm+spanxXTtBxArRp"
    private static let head = "version: 1\ncredentials:\n"
    private static let good =
        "  - name: good\n    token_sha256: \(String(repeating: "a", count: 64))\n    rights: [pull]\n"
        + "    repositories: [team/*]\n"

    private static func row(_ lines: String...) -> String {
        "  - name: r\n" + lines.map { "    \($0)\n" }.joined()
    }

    @Test("Everything that it says is read")
    func everything() throws {
        let text =
            Self.head + Self.good
            + Self.row("ed25519: \(Self.key) a b", "rights: [push, delete, review]", "repositories: [\"**\", a]")
            + "    expires: 2027-01-01T01:00:00+01:00\nopen_repositories: [mirror/*]\n"
        let list = try CredentialList(parsing: Array(text.utf8))
        let team = try RepositoryName(parsing: "team/x")
        #expect(list.credentials.map(\.name.description) == ["good", "r"])
        #expect(list.credentials[0].rights == [.pull])
        #expect(list.credentials[0].expires == nil)
        #expect(list.credentials[0].repositories.map(\.description) == ["team/*"])
        #expect(
            list.credentials[0].secret
                == .token(try #require(TokenHash(hexadecimal: String(repeating: "A", count: 64)))))
        #expect(list.credentials[1].rights == [.push, .delete, .review])
        #expect(list.credentials[1].secret == .ed25519(try #require(Ed25519PublicKey(line: Self.key))))
        #expect(list.credentials[1].expires?.description == "2027-01-01T00:00:00.000Z")
        #expect(list.credentials[1].principal.may(.review, on: team))
        #expect(!list.credentials[1].principal.may(.pull, on: team))
        #expect(list.openRepositories.map(\.description) == ["mirror/*"])
    }

    @Test("A file without credentials is one", arguments: ["version: 1\n", "version: 1\ncredentials: []\n"])
    func empty(text: String) throws {
        #expect(try CredentialList(parsing: Array(text.utf8)) == .empty)
    }

    @Test(
        "A mistake is found on its line, and said in a sentence that repeats nothing of the file",
        arguments: [
            ("", 1), ("[]\n", 1), ("version: 2\n", 1), ("credentials: []\n", 1), ("version: 1\nsecret-text: 1\n", 2),
            (head + "  - {\n", 4), (head + good + good, 7), (head + good + row("secret-text: 1"), 7),
            (head + good + row("token_sha256: secret-text", "rights: [pull]", "repositories: [a]"), 8),
            (head + row("token_sha256: \(hash)x", "rights: [pull]", "repositories: [a]"), 4),
            (head + row("ed25519: ssh-rsa secret-text", "rights: [pull]", "repositories: [a]"), 4),
            (head + row("ed25519: \(key)x=", "rights: [pull]", "repositories: [a]"), 4),
            (head + row("rights: [pull]", "repositories: [a]"), 3),
            (head + row("ed25519: \(key)", "token_sha256: \(hash)", "rights: [pull]", "repositories: [a]"), 4),
            (head + row("token_sha256: \(hash)", "repositories: [a]"), 3),
            (head + row("token_sha256: \(hash)", "rights: []", "repositories: [a]"), 5),
            (head + row("token_sha256: \(hash)", "rights: [secret-text]", "repositories: [a]"), 5),
            (head + row("token_sha256: \(hash)", "rights: pull", "repositories: [a]"), 5),
            (head + row("token_sha256: \(hash)", "rights: [pull]"), 3),
            (head + row("token_sha256: \(hash)", "rights: [pull]", "repositories: []"), 6),
            (head + row("token_sha256: \(hash)", "rights: [pull]", "repositories: [secret-text/**]"), 6),
            (head + row("token_sha256: \(hash)", "rights: [pull]", "repositories: [a]", "expires: secret-text"), 7),
            (head + row("token_sha256: \(hash)", "rights: [pull]", "repositories: [a]", "expires: 2027-01-01"), 7),
            ("version: 1\nopen_repositories: [Secret-text]\n", 2), (head + "  - name: Secret-text\n", 3),
            (
                head + good + "  - name: twin\n    token_sha256: \(String(repeating: "A", count: 64))\n"
                    + "    rights: [push]\n    repositories: [a]\n", 8
            ),
        ])
    func mistakes(text: String, line: Int) throws {
        let yaml = Array(text.utf8)
        let fault = #expect(throws: CredentialFault.self) { try CredentialList(parsing: yaml) }
        #expect(fault?.line(in: yaml) == line, "\(String(describing: fault))")
        #expect(fault?.description.lowercased().contains("secret-text") == false)
        #expect(fault?.description.contains("(") == false, "\(String(describing: fault))")
    }

    @Test("There are bounds to how many credentials and patterns there may be")
    func bounds() {
        let rows = (0...CredentialList.credentialsMax).map { "  - {name: n\($0)}\n" }.joined()
        #expect(throws: CredentialFault.tooMany(limit: CredentialList.credentialsMax)) {
            try CredentialList(parsing: Array((Self.head + rows).utf8))
        }
        let patterns = (0...CredentialList.patternsMax).map { "p\($0)" }.joined(separator: ", ")
        #expect(throws: CredentialFault.self) {
            try CredentialList(parsing: Array("version: 1\nopen_repositories: [\(patterns)]\n".utf8))
        }
    }
}

@Suite("What credentials are known by")
struct SecretTests {
    @Test("The hash of a token is that of sha256sum, and is told from every other")
    func tokenHash() throws {
        // printf 'The quick brown fox jumps over the lazy dog' | sha256sum
        let hexadecimal = "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"
        let hash = TokenHash(of: "The quick brown fox jumps over the lazy dog".utf8)
        #expect(hash.description == hexadecimal)
        #expect(TokenHash(hexadecimal: hexadecimal.uppercased()) == hash)
        #expect(TokenHash(of: Array("The quick brown fox jumps over the lazy dog".utf8).reversed().reversed()) == hash)
        for place in 0..<64 {
            var digits = Array(hexadecimal)
            digits[place] = digits[place] == "0" ? "1" : "0"
            #expect(TokenHash(hexadecimal: String(digits)) != hash)
        }
        for text in ["", hexadecimal + "0", String(hexadecimal.dropLast()), hexadecimal.replacing("d", with: "g")] {
            #expect(TokenHash(hexadecimal: text) == nil)
        }
    }

    @Test(
        "A name is short and in lower case", arguments: ["a", "0", "ci.prod-eu_1", String(repeating: "n", count: 64)])
    func names(text: String) throws {
        #expect(try PrincipalName(parsing: text).description == text)
    }

    @Test(
        "Other texts are no names",
        arguments: ["", ".a", "-a", "_a", "A", "a b", "a/b", "ä", "a\n", String(repeating: "n", count: 65)])
    func noNames(text: String) {
        #expect(throws: NameFault.self) { try PrincipalName(parsing: text) }
    }
}
