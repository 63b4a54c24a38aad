import SafeYAML
import Testing

@Suite("Where a value stands")
struct YAMLLocationTests {
    private static let text = """
        name: a
        rules:
          - id: one
            when: { verdict: clean, format: [gguf,
              json] }
          # A comment.
          -
            id: two
            when:
              files:
                at_most: 3
        "key with: colon": [ {a: 1}, {b: 2},
          {c: 3} ]
        """

    @Test(
        "The line of a key or an item is found, and else of the last step that leads to something",
        arguments: [
            ([], 1), ([.key("name")], 1), ([.key("rules")], 2), ([.key("rules"), .item(0)], 3),
            ([.key("rules"), .item(0), .key("when"), .key("format")], 4),
            ([.key("rules"), .item(0), .key("when"), .key("format"), .item(1)], 5),
            ([.key("rules"), .item(1)], 8), ([.key("rules"), .item(1), .key("id")], 8),
            ([.key("rules"), .item(1), .key("when"), .key("files"), .key("at_most")], 11),
            ([.key("key with: colon"), .item(1), .key("b")], 12), ([.key("key with: colon"), .item(2)], 13),
            ([.key("nothing")], 1), ([.key("rules"), .item(9)], 2), ([.key("rules"), .item(0), .key("files")], 3),
            ([.key("name"), .key("deeper")], 1), ([.item(0)], 1),
        ] as [([YAMLStep], Int)])
    func lines(path: [YAMLStep], line: Int) {
        #expect(SafeYAML.line(of: path, in: Array(Self.text.utf8), limits: .configuration) == line)
    }

    @Test("A text that does not parse has no places", arguments: ["", "{", "a: [", "- - -\n}", "\u{0}"])
    func broken(text: String) {
        #expect(SafeYAML.line(of: [.key("a"), .item(0)], in: Array(text.utf8), limits: .configuration) == 1)
    }
}
