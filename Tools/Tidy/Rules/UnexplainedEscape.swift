/// What switches the compiler's checks off carries its reason on the line before.
enum UnexplainedEscape {
    private static let escapes = ["@unchecked Sendable", "nonisolated(unsafe)"]

    static func findings(in file: SwiftFile) -> [Finding] {
        file.lines.indices.compactMap { index in
            guard let escape = escapes.first(where: file.lines[index].code.contains), !isExplained(index, file) else {
                return nil
            }
            return file.finding(
                index + 1, "unexplained",
                "`\(escape)`: say in a comment on the line before why no two threads can meet here, or use a Mutex")
        }
    }

    private static func isExplained(_ index: Int, _ file: SwiftFile) -> Bool {
        guard index > 0 else { return false }
        return file.lines[index - 1].comment.contains(where: \.isLetter)
    }
}
