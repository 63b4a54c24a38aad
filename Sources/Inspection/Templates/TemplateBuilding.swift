import ModelFormats

/// Recognises expressions that make a text out of others, without working out which.
///
/// An index says which part of a value is meant. Templates write it down, count it, or take it from a loop; a text that
/// is made first, and is an index then, is how attacks spell an attribute that nobody is to find.
enum TemplateBuilding {
    /// Filters and methods that return another text than they are given.
    private static let makers: Set<String> = [
        "join", "format", "replace", "reverse", "lower", "upper", "title", "capitalize", "casefold", "swapcase",
        "center", "ljust", "rjust", "string", "truncate", "strip", "lstrip", "rstrip", "trim", "removeprefix",
        "removesuffix", "urlencode", "striptags", "zfill", "expandtabs",
    ]

    /// Filters and methods that make a number of a text.
    private static let counters: Set<String> = ["length", "count", "int", "find", "rfind", "index", "rindex"]

    /// Whether the tokens join texts, or name something of which `built` says that it was joined.
    static func builds(_ tokens: ArraySlice<JinjaToken>, _ built: Set<String> = []) -> Bool {
        tokens.indices.contains { index in
            switch tokens[index] {
            case .op(.tilde): true
            case .op(.add), .op(.multiply): isText(tokens, index - 1) || isText(tokens, index + 1)
            case .op(.modulo): isText(tokens, index - 1)
            case .name(let name):
                isMaker(name, tokens, index)
                    || built.contains(name) && !isCounted(tokens, index) && !isOp(tokens, index + 1, .openParenthesis)
            default: false
            }
        }
    }

    private static func isMaker(_ name: String, _ tokens: ArraySlice<JinjaToken>, _ index: Int) -> Bool {
        guard makers.contains(name) else { return false }
        return isOp(tokens, index - 1, .pipe)
            || isOp(tokens, index - 1, .dot) && isOp(tokens, index + 1, .openParenthesis)
    }

    /// `text|length` and `text.find(…)` are numbers, whatever the text is.
    private static func isCounted(_ tokens: ArraySlice<JinjaToken>, _ index: Int) -> Bool {
        guard isOp(tokens, index + 1, .pipe) || isOp(tokens, index + 1, .dot), tokens.indices.contains(index + 2) else {
            return false
        }
        return tokens[index + 2].name.map(counters.contains) ?? false
    }

    private static func isText(_ tokens: ArraySlice<JinjaToken>, _ index: Int) -> Bool {
        tokens.indices.contains(index) && tokens[index].text != nil
    }

    private static func isOp(_ tokens: ArraySlice<JinjaToken>, _ index: Int, _ op: JinjaToken.Operator) -> Bool {
        tokens.indices.contains(index) && tokens[index] == .op(op)
    }
}

/// The names of a template that hold texts which it joined, as far as that shows from what they are set to.
struct TemplateBuiltNames {
    /// What passes from name to name is followed so far.
    private static let roundsMax = 4
    private static let callsMax = 2_000

    private struct Step {
        let targets: [String]
        let value: ArraySlice<JinjaToken>
    }

    private(set) var names: Set<String> = []

    init(_ blocks: [JinjaBlock]) {
        var steps: [Step] = []
        var parameters: [String: [String]] = [:]
        for block in blocks where block.kind == .statement {
            let tokens = block.tokens[...]
            switch tokens.first?.name {
            case "set", "with": take(tokens.dropFirst(), until: .op(.assign), into: &steps)
            case "for": take(tokens.dropFirst(), until: .name("in"), into: &steps)
            case "macro":
                if let name = tokens.dropFirst().first?.name {
                    parameters[name] = tokens.dropFirst(2).compactMap(\.name)
                }
            default: break
            }
        }
        if !parameters.isEmpty { takeCalls(blocks, parameters, into: &steps) }
        for _ in 0..<Self.roundsMax {
            let before = names.count
            for step in steps where TemplateBuilding.builds(step.value, names) {
                names.formUnion(step.targets)
            }
            if names.count == before { break }
        }
    }

    private mutating func take(
        _ tokens: ArraySlice<JinjaToken>, until end: JinjaToken, into steps: inout [Step]
    ) {
        guard let split = tokens.firstIndex(of: end) else {
            // What stands between the tags is the value.
            return names.formUnion(tokens.prefix(1).compactMap(\.name))
        }
        let targets = tokens[..<split]
        // Of `ns.x` it is `x` that is set.
        let isPart = targets.count == 3 && targets.dropFirst().first == .op(.dot)
        steps.append(
            Step(targets: (isPart ? targets.suffix(1) : targets).compactMap(\.name), value: tokens[(split + 1)...]))
    }

    /// What a macro is called with is what its parameters are.
    private mutating func takeCalls(
        _ blocks: [JinjaBlock], _ parameters: [String: [String]], into steps: inout [Step]
    ) {
        var count = 0
        for block in blocks where block.tokens.first != .name("macro") {
            for index in block.tokens.indices.dropLast() where block.tokens[index + 1] == .op(.openParenthesis) {
                guard let name = block.tokens[index].name, let targets = parameters[name] else { continue }
                count += 1
                // More calls than are followed may pass anything.
                guard count <= Self.callsMax else { return names.formUnion(parameters.values.joined()) }
                steps.append(Step(targets: targets, value: Self.group(block.tokens, at: index + 1)))
            }
        }
    }

    /// What stands between the bracket at `start` and the one that closes it.
    static func group(
        _ tokens: [JinjaToken], at start: Int, countMax: Int = 2_000
    ) -> ArraySlice<JinjaToken> {
        var depth = 0
        let end = start + min(countMax, tokens.count - start)
        for index in start..<end {
            switch tokens[index] {
            case .op(.openBracket), .op(.openParenthesis), .op(.openBrace): depth += 1
            case .op(.closeBracket), .op(.closeParenthesis), .op(.closeBrace):
                depth -= 1
                if depth == 0 { return tokens[(start + 1)..<index] }
            default: break
            }
        }
        return tokens[start..<end].dropFirst()
    }
}
