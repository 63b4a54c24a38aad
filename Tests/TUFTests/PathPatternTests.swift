import TUF
import Testing

@Suite("Patterns of target paths")
struct PathPatternTests {
    @Test(
        "A path fits",
        arguments: [
            ("targets/*.tgz", "targets/foo.tgz"), ("*", "x"), ("*", ""), ("a*b*c", "aXbYbZc"),
            ("foo-?.tgz", "foo-1.tgz"),
            ("*/*", "a/b"), ("?", "é"), ("[a-c]x", "bx"), ("[!a-c]x", "dx"), ("[]]", "]"), ("[a-]", "-"), ("a[", "a["),
            ("**", "abc"), ("", ""), ("release-v[0-9]*", "release-v12"),
        ])
    func fits(pattern: String, path: String) {
        #expect(PathPattern(pattern).matches(path))
    }

    @Test(
        "A path does not fit; nothing stands for a slash",
        arguments: [
            ("*.tgz", "targets/foo.tgz"), ("targets/*.tgz", "targets/foo.txt"), ("foo-?.tgz", "foo-alpha.tgz"),
            ("*", "a/b"), ("a?b", "a/b"), ("a[!x]b", "a/b"), ("a[.-0]b", "a/b"), ("*/*", "a/b/c"), ("**", "a/b"),
            ("foo.tgz", "Foo.tgz"), ("*.md", "README.MD"), ("[a-c]", "d"), ("[c-a]", "b"), ("", "a"), ("a", ""),
            ("a*", "b"), ("*a", "ab"), ("\u{E9}", "e\u{301}"),
        ])
    func doesNotFit(pattern: String, path: String) {
        #expect(!PathPattern(pattern).matches(path))
    }

    @Test("Stars without end take no time without end")
    func bounded() {
        let pattern = PathPattern(String(repeating: "a*", count: 2_000) + "b")
        #expect(!pattern.matches(String(repeating: "a", count: 4_000)))
    }
}
