import RegistryCommands
import RegistryCore
import StrictJSON
import Testing

@Suite("Making credentials")
struct CredentialNewTests {
    @Test("The entry is one that the registry reads, and knows the token by its hash")
    func entry() async throws {
        let made = await securectl([
            "credential", "new", "ci.prod", "--right", "pull", "--right", "push", "--repository", "team/*",
            "--repository", "a", "--expires", "2027-01-01T00:00:00Z",
        ])
        #expect(made.status == 0)
        #expect(made.err.isEmpty)
        let token = try #require(made.out.split(separator: "\n").first)
        let entry = made.out.dropFirst(token.utf8.count)
        #expect(!entry.contains(token))
        let list = try CredentialList(parsing: Array("version: 1\ncredentials:\n\(entry)".utf8))
        let credential = try #require(list.credentials.first)
        #expect(credential.name.description == "ci.prod")
        #expect(credential.secret == .token(TokenHash(of: token.utf8)))
        #expect(credential.rights == [.pull, .push])
        #expect(credential.repositories.map(\.description) == ["team/*", "a"])
        #expect(credential.expires?.description == "2027-01-01T00:00:00.000Z")
        #expect(token.hasPrefix("prqc_") && token.utf8.count >= Credential.tokenBytesMin)
    }

    @Test("Each token is another one; without options it pulls from everywhere")
    func several() async throws {
        let first = await securectl(["credential", "new", "a", "--output", "json"])
        let second = await securectl(["credential", "new", "a", "--output", "json"])
        let tokens = [first, second].compactMap { $0.json?.asObject?["token"]?.asString }
        #expect(Set(tokens).count == 2)
        let credential = try #require(first.json?.asObject?["credential"]?.asObject)
        #expect(credential["token_sha256"]?.asString == TokenHash(of: tokens[0].utf8).description)
        #expect(credential["rights"]?.asArray == ["pull"])
        #expect(credential["repositories"]?.asArray == ["**"])
        #expect(credential["expires"] == nil)
    }

    @Test(
        "What the registry would refuse is refused here",
        arguments: [
            ["CI"], ["a b"], [""], ["a", "--right", "admin"], ["a", "--repository", "*"], ["a", "--repository", "A"],
            ["a", "--expires", "tomorrow"], [],
        ])
    func refused(arguments: [String]) async {
        let outcome = await securectl(["credential", "new"] + arguments)
        #expect(outcome.status == 64)
        #expect(outcome.out.isEmpty)
    }
}
