/// Tells code, comments and strings apart: as much of Swift's grammar as that takes.
struct SwiftLexer {
    private enum Mode {
        /// `parentheses` counts those opened since an interpolation began.
        case code(parentheses: Int)
        case string(hashes: Int, isMultiline: Bool)
        case lineComment
        case blockComment(depth: Int)
    }

    private let characters: [Character]
    private var index = 0
    private var modes: [Mode] = [.code(parentheses: 0)]
    private var lines: [(code: String, comment: String)] = [("", "")]

    private init(_ text: String) {
        characters = Array(text)
    }

    static func separate(_ text: String) -> [(code: String, comment: String)] {
        var lexer = SwiftLexer(text)
        while lexer.index < lexer.characters.count {
            lexer.step()
        }
        return lexer.lines
    }

    private mutating func step() {
        switch modes[modes.count - 1] {
        case .code(let parentheses): code(parentheses)
        case .string(let hashes, let isMultiline): string(hashes, isMultiline)
        case .lineComment:
            if characters[index] == "\n" { modes.removeLast() }
            comment(1)
        case .blockComment(let depth):
            if starts("*/") {
                if depth == 1 { modes.removeLast() } else { replaceMode(.blockComment(depth: depth - 1)) }
                comment(2)
            } else if starts("/*") {
                replaceMode(.blockComment(depth: depth + 1))
                comment(2)
            } else {
                comment(1)
            }
        }
    }

    private mutating func code(_ parentheses: Int) {
        if starts("//") {
            modes.append(.lineComment)
            comment(2)
        } else if starts("/*") {
            modes.append(.blockComment(depth: 1))
            comment(2)
        } else if let hashes = hashesBeforeQuote() {
            let isMultiline = starts("\"\"\"", after: hashes)
            modes.append(.string(hashes: hashes, isMultiline: isMultiline))
            lines[lines.count - 1].code.append("\"\"")
            index += hashes + (isMultiline ? 3 : 1)
        } else if characters[index] == ")", parentheses == 1, modes.count > 1 {
            modes.removeLast()
            index += 1
        } else {
            if modes.count > 1, characters[index] == "(" { replaceMode(.code(parentheses: parentheses + 1)) }
            if modes.count > 1, characters[index] == ")" { replaceMode(.code(parentheses: parentheses - 1)) }
            keepCode()
        }
    }

    private mutating func string(_ hashes: Int, _ isMultiline: Bool) {
        let end = (isMultiline ? "\"\"\"" : "\"") + String(repeating: "#", count: hashes)
        let escape = "\\" + String(repeating: "#", count: hashes)
        if starts(end) || (!isMultiline && characters[index] == "\n") {
            modes.removeLast()
            if starts(end) { index += end.count }
        } else if starts(escape + "(") {
            modes.append(.code(parentheses: 1))
            index += escape.count + 1
        } else if starts(escape) {
            index += escape.count
            skipInString()
        } else {
            skipInString()
        }
    }

    /// Passes over one character of a string, which may be a line's end.
    private mutating func skipInString() {
        guard index < characters.count else { return }
        if characters[index] == "\n" { lines.append(("", "")) }
        index += 1
    }

    private mutating func keepCode() {
        if characters[index] == "\n" {
            lines.append(("", ""))
        } else {
            lines[lines.count - 1].code.append(characters[index])
        }
        index += 1
    }

    private mutating func comment(_ count: Int) {
        for _ in 0..<count where index < characters.count {
            if characters[index] == "\n" {
                lines.append(("", ""))
            } else {
                lines[lines.count - 1].comment.append(characters[index])
            }
            index += 1
        }
    }

    private mutating func replaceMode(_ mode: Mode) {
        modes[modes.count - 1] = mode
    }

    private func starts(_ text: String, after offset: Int = 0) -> Bool {
        characters[min(index + offset, characters.count)...].starts(with: text)
    }

    /// How many `#` stand before a quotation mark here, or `nil` where no string begins.
    private func hashesBeforeQuote() -> Int? {
        let hashes = characters[index...].prefix { $0 == "#" }.count
        return starts("\"", after: hashes) ? hashes : nil
    }
}
