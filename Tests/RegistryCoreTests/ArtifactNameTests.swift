import OCI
import RegistryCore
import Testing

@Suite("Artifact names")
struct ArtifactNameTests {
    @Test(
        "Letters and digits, then dots, dashes and underscores too, in parts between slashes",
        arguments: [
            "a", "0", "llama", "Llama-3.2_1B", "org/model", "a/b/c/d", "a.b", "a..b", "a.-_", "v1.0.0",
            String(repeating: "a", count: 255), "a/" + String(repeating: "a", count: 254),
            String(repeating: "a/", count: 127) + "bb",
        ])
    func valid(text: String) throws {
        #expect(try ArtifactName(parsing: text).description == text)
    }

    @Test(
        "Everything else is refused by the rule that it breaks",
        arguments: [
            ("", .empty), (String(repeating: "a", count: 257), .tooLong),
            (String(repeating: "a", count: 256), .partTooLong), ("/", .emptyPart), ("/a", .emptyPart),
            ("a/", .emptyPart), ("a//b", .emptyPart), (".a", .badPartStart), ("-a", .badPartStart),
            ("_a", .badPartStart), (".", .badPartStart), ("..", .badPartStart), ("a/..", .badPartStart),
            ("a/../b", .badPartStart), ("a/.git", .badPartStart), ("a b", .forbiddenCharacter),
            ("a\0", .forbiddenCharacter), ("a\n", .forbiddenCharacter), ("a\\b", .forbiddenCharacter),
            ("a:b", .forbiddenCharacter), ("a@b", .badDigest), ("ä", .forbiddenCharacter),
            ("a\u{202E}b", .forbiddenCharacter), ("a%2e", .forbiddenCharacter), ("a*", .forbiddenCharacter),
            ("ａ", .forbiddenCharacter), ("~", .forbiddenCharacter),
        ] as [(String, NameFault)])
    func invalid(text: String, fault: NameFault) {
        #expect(throws: fault) { try ArtifactName(parsing: text) }
    }

    @Test(
        "A version that was pushed is named by its repository and its digest",
        arguments: ["a", "team/llama", "team/llama.cpp_v1", String(repeating: "a/", count: 91) + "b"],
        [try? Digest(sha256: [UInt8](repeating: 1, count: 32)), try? Digest(sha512: [UInt8](repeating: 2, count: 64))])
    func pushed(repository: String, digest: Digest?) throws {
        let (repository, digest) = (try RepositoryName(parsing: repository), try #require(digest))
        let name = try ArtifactName(pushed: digest, to: repository)
        #expect(name.description == "\(repository)@\(digest)")
        #expect(try ArtifactName(parsing: name.description) == name)
        #expect(name.pushed?.repository == repository)
        #expect(name.pushed?.version == digest)
        #expect(try ArtifactName(parsing: repository.description).pushed == nil)
        let unversioned = try ArtifactName(parsing: repository.description)
        #expect(name.ancestors == unversioned.ancestors)
    }

    @Test(
        "What is not a repository and a digest is no name of a pushed version",
        arguments: [
            ("@sha256:\(sha256)", .badRepository), ("A@sha256:\(sha256)", .badRepository),
            ("a..b@sha256:\(sha256)", .badRepository), ("../a@sha256:\(sha256)", .badRepository),
            ("a/@sha256:\(sha256)", .badRepository), ("a@", .badDigest), ("a@sha256", .badDigest),
            ("a@sha256:\(sha256)0", .badDigest), ("a@sha256:\(sha256)/b", .badDigest),
            ("a@md5:d41d8cd98f00b204e9800998ecf8427e", .badDigest), ("a@b@sha256:\(sha256)", .badDigest),
            ("a@SHA256:\(sha256)", .badDigest), ("a@sha256:\(sha256)@sha256:\(sha256)", .badDigest),
        ] as [(String, NameFault)])
    func notPushed(text: String, fault: NameFault) {
        #expect(throws: fault) { try ArtifactName(parsing: text) }
    }

    private static let sha256 = String(repeating: "0a", count: 32)

    @Test("The folder of a pushed version has a name that Linux can hold")
    func longestPushed() throws {
        let digest = try Digest(sha256: [UInt8](repeating: 0, count: 32))
        let room = ArtifactName.partBytesMax - 1 - digest.description.utf8.count
        let fits = try RepositoryName(parsing: "a/" + String(repeating: "b", count: room))
        #expect(try ArtifactName(pushed: digest, to: fits).parts.last?.utf8.count == ArtifactName.partBytesMax)
        for text in ["a/" + String(repeating: "b", count: room + 1), String(repeating: "b", count: room + 1)] {
            let repository = try RepositoryName(parsing: text)
            #expect(throws: NameFault.partTooLong) { try ArtifactName(pushed: digest, to: repository) }
            #expect(throws: NameFault.partTooLong) { try ArtifactName(parsing: "\(text)@\(digest)") }
        }
    }

    @Test("A name that holds any other byte is refused", arguments: 0...127 as ClosedRange<UInt8>)
    func everyByte(byte: UInt8) {
        let character = Character(UnicodeScalar(byte))
        let isAllowed = character.isLetter || character.isNumber || "._-".contains(character)
        // A slash makes two parts of it, which is a name as well.
        let isName = (try? ArtifactName(parsing: "a\(character)b")) != nil
        #expect(isName == (isAllowed || character == "/"))
    }

    @Test("Traversals of every shape are no names", arguments: Traversal.corpus)
    func traversal(text: String) {
        #expect(throws: NameFault.self) { try ArtifactName(parsing: text) }
    }

    @Test("Ancestors are the names of the folders that a name lies in")
    func ancestors() throws {
        #expect(try ArtifactName(parsing: "a/b/c").ancestors.map(\.description) == ["a", "a/b"])
        #expect(try ArtifactName(parsing: "a").ancestors.isEmpty)
        #expect(try ArtifactName(parsing: "a/b/c").parts == ["a", "b", "c"])
    }

    @Test("Names order as their bytes do")
    func order() throws {
        let names = try ["a/b", "B", "a-b", "a", "a.b", "ab"].map { try ArtifactName(parsing: $0) }
        #expect(names.sorted().map(\.description) == ["B", "a", "a-b", "a.b", "a/b", "ab"])
    }

    @Test(
        "A tenant is lower case, and no path",
        arguments: ["", "-a", "A", "a/b", "a.b", "ä", String(repeating: "a", count: 65)])
    func tenants(text: String) throws {
        #expect(throws: NameFault.self) { try Tenant(parsing: text) }
        #expect(try Tenant(parsing: "team-7").description == "team-7")
        #expect(try Tenant(parsing: "default") == .default)
    }
}
