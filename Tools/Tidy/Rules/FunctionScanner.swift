/// Finds functions and initialisers and where they end.
enum FunctionScanner {
    struct Function: Equatable {
        /// Of the declaration, counted from 1.
        let line: Int
        /// From the declaration to its closing brace.
        let lineCount: Int
    }

    static func functions(in file: SwiftFile) -> [Function] {
        file.lines.indices.compactMap { index in
            declares(file.lines[index].code)
                ? end(from: index, file).map { Function(line: index + 1, lineCount: $0 - index + 1) } : nil
        }
    }

    private static let modifiers: Set<Substring> = [
        "public", "package", "internal", "fileprivate", "private", "static", "class", "final", "override", "mutating",
        "nonmutating", "nonisolated", "isolated", "convenience", "required", "consuming", "borrowing", "open", "async",
        "prefix", "postfix", "infix", "distributed",
    ]

    /// Whether the line begins a function or an initialiser, after modifiers and attributes.
    private static func declares(_ code: String) -> Bool {
        var words = code.split(whereSeparator: \.isWhitespace)[...]
        while let word = words.first, modifiers.contains(word) || word.hasPrefix("@") || word.hasPrefix("nonisolated(")
        {
            words.removeFirst()
        }
        guard let word = words.first else { return false }
        if word == "func" || word == "deinit" { return true }
        return ["init(", "init?(", "init!(", "init<", "init?<", "subscript(", "subscript<"].contains {
            word.hasPrefix($0)
        }
    }

    /// The index of the line on which the body ends; `nil` for a declaration without body.
    private static func end(from start: Int, _ file: SwiftFile) -> Int? {
        var depth = 0
        var parentheses = 0
        for index in start..<file.lines.count {
            if index > start, depth == 0, parentheses == 0,
                !continues(file.lines[index - 1].code, file.lines[index].code)
            {
                return nil
            }
            for character in file.lines[index].code {
                switch character {
                case "(", "[": parentheses += 1
                case ")", "]": parentheses -= 1
                // Braces in parentheses are closures, whole in themselves.
                case "{" where parentheses == 0: depth += 1
                case "}" where parentheses == 0:
                    depth -= 1
                    if depth <= 0 { return depth == 0 ? index : nil }
                default: break
                }
            }
        }
        return nil
    }

    private static let continuations: Set<Substring> = ["->", "throws", "rethrows", "async", "where", "{"]

    /// Whether a signature that is complete so far goes on in the next line.
    private static func continues(_ line: String, _ next: String) -> Bool {
        let trailing = line.split(whereSeparator: \.isWhitespace).last ?? ""
        let leading = next.split(whereSeparator: \.isWhitespace).first ?? ""
        return continuations.contains(leading) || leading.hasPrefix("throws(") || leading.isEmpty
            || [",", ":", "->", "&", "=="].contains { trailing.hasSuffix($0) }
    }
}
