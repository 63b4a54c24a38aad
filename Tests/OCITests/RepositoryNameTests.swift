import OCI
import Testing

@Suite("Repository names")
struct RepositoryNameTests {
    @Test(
        "Names of the specification's grammar are repository names",
        arguments: [
            "a", "0", "library/alpine", "a/b/c", "my.model", "my_model", "my__model", "my-model", "my---model",
            "a0.b1_c2__d3-e4/f", String(repeating: "a", count: 255),
        ])
    func accepts(_ text: String) throws {
        #expect(try RepositoryName(parsing: text).description == text)
    }

    @Test(
        "Anything else is refused for the rule that it breaks",
        arguments: [
            ("", RepositoryNameFault.empty), ("/", .emptyPart), ("a/", .emptyPart), ("/a", .emptyPart),
            ("a//b", .emptyPart), (".a", .badSeparator), ("a.", .badSeparator), ("a..b", .badSeparator),
            ("a._b", .badSeparator), ("a___b", .badSeparator), ("-a", .badSeparator), ("a-", .badSeparator),
            ("a/-b", .badSeparator), ("a/.", .badSeparator), ("a/../b", .badSeparator), ("A", .forbiddenCharacter),
            ("a:b", .forbiddenCharacter), ("a b", .forbiddenCharacter), ("a%2fb", .forbiddenCharacter),
            ("é", .forbiddenCharacter), ("a\0", .forbiddenCharacter),
            (String(repeating: "a", count: 256), .tooLong),
        ])
    func refuses(_ text: String, _ fault: RepositoryNameFault) {
        #expect(throws: fault) { try RepositoryName(parsing: text) }
    }

    @Test("Names are in the order of their bytes")
    func order() throws {
        let names = try ["b", "a/b", "a-b", "a", "a.b"].map { try RepositoryName(parsing: $0) }
        #expect(names.sorted().map(\.description) == ["a", "a-b", "a.b", "a/b", "b"])
    }
}
