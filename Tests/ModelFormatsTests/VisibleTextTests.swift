import ModelFormats
import Testing

@Suite("Text for people")
struct VisibleTextTests {
    @Test(
        "What a terminal would act on is written as an escape",
        arguments: [
            ("plain é 😀", "plain é 😀"), ("a\u{1B}[31m", #"a\u{1b}[31m"#), ("\u{202E}x\u{200B}", #"\u{202e}x\u{200b}"#),
            ("\u{2028}", #"\u{2028}"#), ("\n\t", #"\u{a}\u{9}"#), ("\u{85}", #"\u{85}"#), ("\u{E000}", #"\u{e000}"#),
        ])
    func escapes(text: String, expected: String) {
        #expect(VisibleText.escapingControls(text) == expected)
    }

    @Test(
        "An excerpt is bounded with its escapes, and an excerpt of it is the same", arguments: [0, 1, 4, 5, 6, 7, 50])
    func excerpts(scalarsMax: Int) {
        for text in ["", "a", "abcdefgh", "\u{1B}\u{1B}\u{1B}", "ab\u{0}cd", "é\u{301}\u{202E}……"] {
            let excerpt = VisibleText.excerpt(text, scalarsMax: scalarsMax)
            #expect(excerpt.unicodeScalars.count <= scalarsMax + 1)
            #expect(
                VisibleText.excerpt(excerpt, scalarsMax: scalarsMax).unicodeScalars.elementsEqual(
                    excerpt.unicodeScalars))
        }
        #expect(VisibleText.excerpt("abc", scalarsMax: 3) == "abc")
        #expect(VisibleText.excerpt("abcd", scalarsMax: 3) == "abc…")
    }
}
