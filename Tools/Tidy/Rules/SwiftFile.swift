/// A Swift file, with code and comments told apart.
struct SwiftFile: Sendable {
    struct Line: Sendable {
        /// As written.
        let text: Substring
        /// The code alone: comments are left out, strings are empty.
        let code: String
        /// The comments alone.
        let comment: String
    }

    let path: String
    let lines: [Line]

    init(path: String, text: String) {
        self.path = path
        let written = text.split(separator: "\n", omittingEmptySubsequences: false)
        let parts = SwiftLexer.separate(text)
        lines = zip(written, parts).map { Line(text: $0, code: $1.code, comment: $1.comment) }
    }

    /// The module whose sources the file belongs to.
    var module: String? {
        let parts = path.split(separator: "/")
        guard parts.count > 2, parts[0] == "Sources" else { return nil }
        return String(parts[1])
    }

    func finding(_ line: Int, _ rule: String, _ message: String) -> Finding {
        Finding(path: path, line: line, rule: rule, message: message)
    }
}
