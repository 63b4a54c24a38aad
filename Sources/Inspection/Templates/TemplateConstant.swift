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
    /// More copies than these show nothing that fewer do not.
    private static let copiesMax = 64
    private static let copiedBytesMax = 4096

    private let tokens: [JinjaToken]
    private var position: Int

    private init(_ tokens: [JinjaToken], _ position: Int) {
        self.tokens = tokens
        self.position = position
    }

    private enum Value {
        case text([UInt8])
        case list([[UInt8]])

        /// The text, or those of the list one after the other.
        var joined: [UInt8] {
            switch self {
            case .text(let text): text
            case .list(let parts): TemplateConstant.joining(parts, separator: [])
            }
        }
    }

    /// The text that begins at `position`, and the position behind it. `nil` if none begins there.
    static func text(_ tokens: [JinjaToken], at position: Int) -> (text: [UInt8], end: Int)? {
        var constant = TemplateConstant(tokens, position)
        guard case .text(let text)? = constant.sum(depth: 0) else { return nil }
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

    private mutating func sum(depth: Int) -> Value? {
        guard depth < Self.depthMax, let first = operand(depth: depth) else { return nil }
        guard case .text(var text) = first else { return first }
        while text.count < Self.bytesMax {
            let before = position
            if take(.add) || take(.tilde) {
                guard case .text(let next)? = operand(depth: depth) else {
                    position = before
                    break
                }
                text += next
            } else if take(.multiply) {
                guard position < tokens.count, case .integer(let digits) = tokens[position] else {
                    position = before
                    break
                }
                position += 1
                text = Self.repeating(text, count: TemplateNumber.value(digits))
            } else {
                break
            }
        }
        return .text(text)
    }

    private mutating func operand(depth: Int) -> Value? {
        let start = position
        guard let value = primary(depth: depth) else {
            position = start
            return nil
        }
        guard case .text(var text) = value else { return value }
        for _ in 0..<Self.postfixesMax {
            guard let changed = postfix(text, depth: depth) else { break }
            text = changed
        }
        return .text(text)
    }

    private mutating func primary(depth: Int) -> Value? {
        guard position < tokens.count else { return nil }
        if let text = tokens[position].text {
            position += 1
            return .text(Array(text.utf8))
        }
        let isParenthesis = isNext([.openParenthesis])
        guard take(.openBracket) || take(.openParenthesis),
            let parts = parts(until: isParenthesis ? .closeParenthesis : .closeBracket, depth: depth)
        else { return nil }
        let end = position
        if take(.pipe), takeName() == "join" {
            return .text(Self.joining(parts, separator: arguments(depth: depth)?.first ?? []))
        }
        position = end
        return isParenthesis && parts.count == 1 ? .text(parts[0]) : .list(parts)
    }

    private mutating func parts(until closing: JinjaToken.Operator, depth: Int) -> [[UInt8]]? {
        var parts: [[UInt8]] = []
        while !take(closing) {
            guard parts.count < Self.partsMax, let part = sum(depth: depth + 1) else { return nil }
            parts.append(part.joined)
            if !take(.comma), !isNext([closing]) { return nil }
        }
        return parts
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
            ["%s", "{}"].reduce(text) { replacing($0, Array($1.utf8), joining(arguments, separator: [])) }
        case ("join", 1...): joining(arguments, separator: text)
        default: nil
        }
    }

    private static func repeating(_ text: [UInt8], count: Int) -> [UInt8] {
        var result: [UInt8] = []
        for _ in 0..<min(max(0, count), copiesMax) where result.count < copiedBytesMax {
            result += text
        }
        return result
    }

    private static func joining(_ parts: [[UInt8]], separator: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        for (index, part) in parts.enumerated() where result.count < bytesMax {
            if index > 0 { result += separator }
            result += part
        }
        return result
    }

    private static func replacing(_ text: [UInt8], _ old: [UInt8], _ new: [UInt8]) -> [UInt8] {
        guard !old.isEmpty else { return text }
        var result: [UInt8] = []
        var index = 0
        while index < text.count, result.count < bytesMax {
            if text[index] == old[0], text[index...].starts(with: old) {
                result += new
                index += old.count
            } else {
                result.append(text[index])
                index += 1
            }
        }
        return result
    }
}
