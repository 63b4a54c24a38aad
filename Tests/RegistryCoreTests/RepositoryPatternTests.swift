import OCI
import RegistryCore
import Testing

@Suite("Patterns of repositories")
struct RepositoryPatternTests {
    @Test(
        "A pattern is for one repository, for all beneath a name, or for all",
        arguments: [
            ("team/llama", ["team/llama"], ["team/llama2", "team/llam", "team", "team/llama/x", "a/team/llama"]),
            ("team/*", ["team/a", "team/a/b", "team/team"], ["team", "teams/a", "a/team/b", "tea/m"]),
            ("a/b/*", ["a/b/c", "a/b/c/d"], ["a/b", "a/c/b", "a/bc"]),
            ("**", ["a", "a/b", "team/x/y"], []),
        ])
    func matches(text: String, inside: [String], outside: [String]) throws {
        let pattern = try #require(RepositoryPattern(parsing: text))
        #expect(pattern.description == text)
        for name in inside { #expect(pattern.matches(try RepositoryName(parsing: name)), "\(name)") }
        for name in outside { #expect(!pattern.matches(try RepositoryName(parsing: name)), "\(name)") }
    }

    @Test(
        "Other wildcards, and names that no repository has, are no patterns",
        arguments: [
            "", "*", "/*", "team/", "team/**", "**/a", "team*", "team/*/a", "te?m", "Team/a", "TEAM/*", "team//*",
            "../*", "***", "team/* ", " **", "[a-z]",
        ])
    func refused(text: String) {
        #expect(RepositoryPattern(parsing: text) == nil)
    }

    @Test("Comparing looks at each byte once, however often a part is repeated")
    func linear() throws {
        let part = String(repeating: "a/", count: 120)
        let pattern = try #require(RepositoryPattern(parsing: part + "b/*"))
        let name = try RepositoryName(parsing: part + "c")
        let elapsed = ContinuousClock().measure { for _ in 0..<10_000 { #expect(!pattern.matches(name)) } }
        #expect(elapsed < .seconds(2))
    }
}
