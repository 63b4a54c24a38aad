import ModelFormats

/// Works out the texts that a template writes as expressions: `'__cla' ~ 'ss__'`, `['__', 'class']|join`,
/// `'**class**'|replace('*', '_')`, `'__ssalc__'[::-1]`.
///
/// Texts are bytes: what matters in them is ASCII.
struct TemplateConstant {
    static let bytesMax = 64 << 10
    private static let depthMax = 4
    private static let partsMax = 256
    private static let postfixesMax = 8

    private let tokens: [JinjaToken]
    private var position: Int

    private init(_ tokens: [JinjaToken], _ position: Int) {
        self.tokens = tokens
        self.position = position
    }

    /// The text that begins at `position`, and the position behind it. `nil` if none begins there.
    static func text(_ tokens: [JinjaToken], at position: Int) -> (text: [UInt8], end: Int)? {
        var constant = TemplateConstant(tokens, position)
        guard let text = constant.sum(depth: 0) else { return nil }
        return (text, constant.position)
    }

    private func isNext(_ operators: [JinjaToken.Operator]) -> Bool {
        guard operators.count <= tokens.count - position else { return false }
        return operators.indices.allSatisfy { tokens[position + $0] == .op(operators[$0]) }
    }

    private mutating func take(_ operators: JinjaToken.Operator...) -> Bool {
        guard isNext(operators) else { return false }
        position += operators.count
        return true
    }

    private mutating func takeName() -> String? {
        guard position < tokens.count, let name = tokens[position].name else { return nil }
        position += 1
        return name
    }

    private mutating func sum(depth: Int) -> [UInt8]? {
        guard depth < Self.depthMax, var text = operand(depth: depth) else { return nil }
        while text.count < Self.bytesMax {
            let before = position
            if take(.add) || take(.tilde) {
                guard let next = operand(depth: depth) else {
                    position = before
                    return text
                }
                text.append(contentsOf: next)
            } else if take(.multiply) {
                guard position < tokens.count, case .integer(let digits) = tokens[position] else {
                    position = before
                    return text
                }
                position += 1
                let room = text.isEmpty ? 0 : Self.bytesMax / text.count + 1
                let count = min(TemplateNumber.value(digits), room)
                text = Array(repeatElement(text, count: max(0, count)).joined())
            } else {
                return text
            }
        }
        return text
    }

    private mutating func operand(depth: Int) -> [UInt8]? {
        let start = position
        guard var text = primary(depth: depth) else {
            position = start
            return nil
        }
        for _ in 0..<Self.postfixesMax {
            guard let changed = postfix(text, depth: depth) else { break }
            text = changed
        }
        return text
    }

    private mutating func primary(depth: Int) -> [UInt8]? {
        guard position < tokens.count else { return nil }
        if let text = tokens[position].text {
            position += 1
            return Array(text.utf8)
        }
        let opening = position
        if let parts = list(depth: depth), take(.pipe), takeName() == "join" {
            return Array(parts.joined(separator: arguments(depth: depth)?.first ?? []))
        }
        position = opening
        guard take(.openParenthesis), let text = sum(depth: depth + 1), take(.closeParenthesis) else { return nil }
        return text
    }

    private mutating func list(depth: Int) -> [[UInt8]]? {
        if take(.openBracket) { return parts(until: .closeBracket, depth: depth) }
        if take(.openParenthesis) { return parts(until: .closeParenthesis, depth: depth) }
        return nil
    }

    private mutating func parts(until closing: JinjaToken.Operator, depth: Int) -> [[UInt8]]? {
        var parts: [[UInt8]] = []
        while !take(closing) {
            guard parts.count < Self.partsMax else { return nil }
            guard let part = sum(depth: depth + 1) ?? nested(depth: depth + 1) else { return nil }
            parts.append(part)
            if !take(.comma), !isNext([closing]) { return nil }
        }
        return parts
    }

    /// A list as the argument of `join`.
    private mutating func nested(depth: Int) -> [UInt8]? {
        guard depth < Self.depthMax else { return nil }
        let start = position
        if let parts = list(depth: depth) { return Array(parts.joined()) }
        position = start
        return nil
    }

    private mutating func arguments(depth: Int) -> [[UInt8]]? {
        let start = position
        if take(.openParenthesis), let parts = parts(until: .closeParenthesis, depth: depth) { return parts }
        position = start
        return nil
    }

    private mutating func postfix(_ text: [UInt8], depth: Int) -> [UInt8]? {
        let start = position
        if take(.openBracket, .colon, .colon, .subtract), position < tokens.count, tokens[position] == .integer("1") {
            position += 1
            if take(.closeBracket) { return text.reversed() }
        }
        position = start
        if take(.pipe) || take(.dot), let name = takeName() {
            let arguments = arguments(depth: depth) ?? []
            if let changed = Self.apply(name, to: text, arguments) { return changed }
        }
        position = start
        return nil
    }

    private static func apply(_ name: String, to text: [UInt8], _ arguments: [[UInt8]]) -> [UInt8]? {
        switch (name, arguments.count) {
        case ("reverse", 0): text.reversed()
        // Letters are compared without regard to case, so that these change nothing.
        case ("lower", 0), ("casefold", 0), ("upper", 0), ("title", 0), ("capitalize", 0), ("swapcase", 0), ("trim", _),
            ("strip", _), ("string", 0), ("safe", 0), ("e", 0), ("escape", 0), ("list", 0):
            text
        case ("replace", 2...): replacing(text, arguments[0], arguments[1])
        case ("format", 1...):
            replacing(replacing(text, Array("%s".utf8), Array(arguments.joined())), Array("{}".utf8), Array(arguments.joined()))
        case ("join", 1...): Array(arguments.joined(separator: text))
        default: nil
        }
    }

    private static func replacing(_ text: [UInt8], _ old: [UInt8], _ new: [UInt8]) -> [UInt8] {
        guard !old.isEmpty else { return text }
        var result: [UInt8] = []
        var index = 0
        while index < text.count, result.count < bytesMax {
            if text[index] == old[0], text[index...].starts(with: old) {
                result.append(contentsOf: new)
                index += old.count
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }
}
