import OCI
import RegistryCore
import Testing

@Suite("Relative paths")
struct RelativePathTests {
    @Test(
        "Ordinary paths, also with odd but harmless names",
        arguments: [
            "a", "model.gguf", "a/b/c.safetensors", "...", "..a", "a..", ".hidden", "a b", "größe.gguf", "日本/語.json",
            "%2e%2e", "~", "-rf", "a:b", "\u{2025}", String(repeating: "a", count: 255),
            Array(repeating: "a", count: 32).joined(separator: "/"),
        ])
    func valid(text: String) throws {
        let path = try RelativePath(parsing: text)
        #expect(path.description == text)
        #expect(path.components.joined(separator: "/") == text)
        #expect(path.components.last.map(String.init) == path.lastComponent)
    }

    @Test(
        "What could leave the directory, or cannot be stored, is refused by the rule that it breaks",
        arguments: [
            ("", .empty), ("/a", .absolute), ("a//b", .emptyComponent), ("a/", .emptyComponent), (".", .traversal),
            ("..", .traversal), ("a/../b", .traversal), ("a/./b", .traversal), ("a\\b", .forbiddenCharacter),
            ("a\0b", .forbiddenCharacter), ("a\nb", .forbiddenCharacter), ("a\u{7F}", .forbiddenCharacter),
            ("a\u{9B}b", .forbiddenCharacter), (String(repeating: "a", count: 256), .tooLong),
            (String(repeating: "ä", count: 128), .tooLong), (String(repeating: "a/", count: 512) + "a", .tooLong),
            (Array(repeating: "a", count: 33).joined(separator: "/"), .tooDeep),
        ] as [(String, PathFault)])
    func invalid(text: String, fault: PathFault) {
        #expect(throws: fault) { try RelativePath(parsing: text) }
    }

    @Test("The corpus of traversals is large enough to mean something")
    func corpusSize() {
        #expect(Traversal.corpus.count > 250)
    }

    @Test("Traversals of every shape are no paths", arguments: Traversal.corpus)
    func traversal(text: String) {
        #expect(throws: PathFault.self) { try RelativePath(parsing: text) }
    }

    @Test("Whatever is accepted stays beneath its directory", arguments: 0..<20 as Range<UInt64>)
    func generated(seed: UInt64) throws {
        let pieces = ["a", "..", ".", "/", "//", "...", "b.c", "\\", "\0", " ", "é", "../", "/.."]
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let length = Int.random(in: 0...8, using: &generator)
            let text = (0..<length).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            guard let path = try? RelativePath(parsing: text) else { continue }
            #expect(!path.description.utf8.starts(with: "/".utf8))
            for component in path.description.split(separator: "/", omittingEmptySubsequences: false) {
                #expect(!["", ".", ".."].contains(component))
            }
        }
    }

    @Test("A directory's identity does not depend on the order in which its files are found")
    func listing() throws {
        let files = try [("b", 1), ("a/b", 2), ("a-b", 3), ("a", 4)].map { path, byte in
            (path: try RelativePath(parsing: path), digest: try Sample.digest(UInt8(byte)))
        }
        let digest = try DirectoryListing.digest(of: files)
        #expect(try DirectoryListing.digest(of: files.reversed()) == digest)
        #expect(try DirectoryListing.digest(of: files.dropLast()) != digest)
        // `printf '%064d  a\n' 0 | sha256sum`
        let zero = try Sample.digest(0)
        #expect(
            try DirectoryListing.digest(of: [(path: try RelativePath(parsing: "a"), digest: zero)]).hex
                == "53d743f33b897204dd8c5442651c6bb773fd59ebb101222fe2fcf900b26e4bef")
    }
}
