import Sigstore
import Testing

@Suite("Patterns of identities")
struct IdentityPatternTests {
    @Test(
        "A pattern matches the whole of a text or not at all",
        arguments: [
            ("abc", ["abc"], ["", "ab", "abcd", "xabc"]), ("^abc$", ["abc"], ["abc\n", "aabc"]), ("", [""], ["a"]),
            ("a.c", ["abc", "a/c"], ["a\nc", "ac"]), ("a\\.c", ["a.c"], ["abc"]),
            ("a*", ["", "a", "aaaa"], ["b", "ab"]),
            ("(ab|cd)+e?", ["ab", "abcde", "cdcd"], ["", "e", "abc"]),
            ("[a-cx]{2,3}", ["ab", "xxx"], ["a", "abca", "ad"]),
            ("[^/]+/\\d{4}", ["ab/2026"], ["a/b/2026", "ab/202"]),
            ("\\w+@\\w+\\.org", ["me_1@a.org"], ["me@a_org", "@a.org"]),
            ("a{0}b", ["b"], ["ab"]), ("a{2,}", ["aa", "aaaaa"], ["a"]), ("(?:a|b)*?c", ["abac", "c"], ["abca"]),
            ("[]a]", ["]", "a"], ["b"]), ("[a-]", ["a", "-"], ["b"]), ("é+", ["éé"], ["e"]), ("a|", ["a", ""], ["b"]),
            (
                "https://github\\.com/acme/models/\\.github/workflows/release\\.ya?ml@refs/(heads/main|tags/v[0-9.]+)",
                ["https://github.com/acme/models/.github/workflows/release.yml@refs/tags/v1.2"],
                [
                    "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main2",
                    "https://github.com/acme/models/x.github/workflows/release.yml@refs/heads/main",
                    "evil https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main",
                ]
            ),
        ] as [(String, [String], [String])])
    func matching(_ text: String, _ matching: [String], _ others: [String]) throws {
        let pattern = try IdentityPattern(text)
        for candidate in matching { #expect(pattern.matches(candidate), "\(candidate)") }
        for candidate in others { #expect(!pattern.matches(candidate), "\(candidate)") }
    }

    @Test(
        "What is not of the language is refused, with its place",
        arguments: [
            ("(", .unbalanced, 1), (")", .unbalanced, 0), ("a)", .unbalanced, 1), ("[a", .unexpectedEnd, 2),
            ("*", .nothingToRepeat, 0), ("a**", .nothingToRepeat, 2), ("|+", .nothingToRepeat, 1),
            ("a{", .invalidRepetition, 2), ("a{2,1}", .invalidRepetition, 6), ("a{257}", .invalidRepetition, 4),
            ("{1}", .invalidRepetition, 0), ("[b-a]", .invalidClass, 4), ("[[:alpha:]]", .invalidClass, 2),
            ("[\\D]", .invalidClass, 3), ("\\1", .unsupportedEscape, 1), ("\\b", .unsupportedEscape, 1),
            ("\\", .unexpectedEnd, 1), ("(?=a)", .unsupportedGroup, 2), ("(?i)a", .unsupportedGroup, 2),
        ] as [(String, PatternFault.Reason, Int)])
    func refused(_ text: String, _ reason: PatternFault.Reason, _ offset: Int) {
        let fault = #expect(throws: PatternFault.self) { try IdentityPattern(text) }
        #expect(fault?.reason == reason)
        #expect(fault?.offset == offset)
    }

    @Test("Patterns that take for ever elsewhere are answered at once, or refused")
    func complexity() throws {
        let text = String(repeating: "a", count: IdentityPattern.textBytesMax - 1)
        let slow = try ["(a+)+b", "(a|a|a|a|aa)*b", "(a*)*(a*)*b"].map { try IdentityPattern($0) }
        let optional = try IdentityPattern("(a?){256}(a*)")
        let elapsed = ContinuousClock().measure {
            for pattern in slow { #expect(!pattern.matches(text)) }
            #expect(optional.matches(text))
        }
        let any = try IdentityPattern("a*")
        #expect(any.matches(text + "a"))
        #expect(!any.matches(text + "aa"))
        #expect(elapsed < .seconds(2))
        for text in ["((a{256}){256}){256}", "(((){256}){256}){256}a{256}{2}", String(repeating: "(", count: 40)] {
            #expect(throws: PatternFault.self) { try IdentityPattern(text) }
        }
        let nested = String(repeating: "(", count: 20) + "a" + String(repeating: ")", count: 20)
        #expect(try IdentityPattern(nested).matches("a"))
        #expect(try IdentityPattern("((((){256}){256}){256}){256}").matches(""))
        #expect(throws: PatternFault.self) { try IdentityPattern(String(repeating: "a", count: 1_025)) }
    }
}
