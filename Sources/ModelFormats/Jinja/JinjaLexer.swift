/// Finds the code in a Jinja template and cuts it into tokens, as Jinja's own lexer does with its default delimiters.
///
/// Comments and the content of `raw` blocks are no code. Texts that stand next to each other are one text.
package struct JinjaLexer {
    package enum Defect: String, Sendable, Hashable {
        case unclosedBlock = "a block is not closed"
        case unclosedComment = "a comment is not closed"
        case unclosedRaw = "a raw block is not closed"
        case unclosedString = "a text is not closed"
        case unbalanced = "brackets do not match"
        case unknownCharacter = "a character has no meaning"
        case tooDeep = "brackets are nested too deeply"
    }

    package struct Result: Sendable {
        /// Blocks before the defect, if there is one.
        package let blocks: [JinjaBlock]
        package let defect: (Defect, offset: Int)?
    }

    private static let depthMax = 64

    private struct Stop: Error {
        let defect: Defect
        let offset: Int
    }

    private let bytes: [UInt8]
    private var position = 0

    package static func lex(_ template: [UInt8]) -> Result {
        var lexer = JinjaLexer(template)
        var blocks: [JinjaBlock] = []
        do throws(Stop) {
            while let block = try lexer.nextBlock() {
                blocks.append(block)
            }
            return Result(blocks: blocks, defect: nil)
        } catch {
            return Result(blocks: blocks, defect: (error.defect, error.offset))
        }
    }

    private init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    private func byte(_ ahead: Int = 0) -> UInt8? {
        let index = position + ahead
        return index < bytes.count ? bytes[index] : nil
    }

    private func starts(with text: StaticString) -> Bool {
        var index = position
        for expected in text.description.utf8 {
            guard index < bytes.count, bytes[index] == expected else { return false }
            index += 1
        }
        return true
    }

    private mutating func nextBlock() throws(Stop) -> JinjaBlock? {
        while let opening = nextOpening() {
            let start = position
            position += 2
            switch opening {
            case UInt8(ascii: "#"):
                try skipComment(from: start)
            case UInt8(ascii: "{"):
                return JinjaBlock(
                    kind: .expression, tokens: try code(closedBy: UInt8(ascii: "}"), start), offset: start)
            default:
                let tokens = try code(closedBy: UInt8(ascii: "%"), start)
                if tokens == [.name("raw")] { try skipRaw(from: start) }
                return JinjaBlock(kind: .statement, tokens: tokens, offset: start)
            }
        }
        return nil
    }

    /// Moves to the next delimiter that opens something and returns its second character.
    private mutating func nextOpening() -> UInt8? {
        while position + 1 < bytes.count {
            if bytes[position] == UInt8(ascii: "{") {
                let second = bytes[position + 1]
                if second == UInt8(ascii: "{") || second == UInt8(ascii: "%") || second == UInt8(ascii: "#") {
                    return second
                }
            }
            position += 1
        }
        return nil
    }

    private mutating func skipComment(from start: Int) throws(Stop) {
        while position < bytes.count {
            if starts(with: "#}") {
                position += 2
                return
            }
            position += 1
        }
        throw Stop(defect: .unclosedComment, offset: start)
    }

    private mutating func skipRaw(from start: Int) throws(Stop) {
        while nextOpening() != nil {
            let opening = position
            position += 2
            skipSign()
            skipWhitespace()
            if bytes[opening + 1] == UInt8(ascii: "%"), starts(with: "endraw") {
                position += 6
                skipWhitespace()
                skipSign()
                if starts(with: "%}") {
                    position += 2
                    return
                }
            }
            position = opening + 1
        }
        throw Stop(defect: .unclosedRaw, offset: start)
    }

    private mutating func skipSign() {
        if let sign = byte(), sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") { position += 1 }
    }

    private mutating func skipWhitespace() {
        while let next = byte(), next == 0x20 || (0x09...0x0D).contains(next) {
            position += 1
        }
    }

    private mutating func code(closedBy first: UInt8, _ start: Int) throws(Stop) -> [JinjaToken] {
        var tokens: [JinjaToken] = []
        var open: [JinjaToken.Operator] = []
        skipSign()
        while true {
            skipWhitespace()
            guard let next = byte() else { throw Stop(defect: .unclosedBlock, offset: start) }
            if open.isEmpty, closes(next, first) { return tokens }
            switch next {
            case UInt8(ascii: "'"), UInt8(ascii: "\""):
                append(try string(next), to: &tokens)
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                tokens.append(number())
            case _ where Self.isNamePart(next):
                tokens.append(name())
            default:
                let found = try operation()
                try balance(found, &open)
                tokens.append(.op(found))
            }
        }
    }

    /// Moves past the closing delimiter, with its sign, if it is next.
    private mutating func closes(_ next: UInt8, _ first: UInt8) -> Bool {
        // `+}}` ends nothing: there the sign is an operator.
        let isSigned =
            next == UInt8(ascii: "-") || (next == UInt8(ascii: "+") && first == UInt8(ascii: "%"))
        let ahead = isSigned ? 1 : 0
        guard byte(ahead) == first, byte(ahead + 1) == UInt8(ascii: "}") else { return false }
        position += ahead + 2
        return true
    }

    private func append(_ token: JinjaToken, to tokens: inout [JinjaToken]) {
        guard case .string(let text, let spells) = token, case .string(let before, let spelled)? = tokens.last else {
            tokens.append(token)
            return
        }
        tokens[tokens.count - 1] = .string(before + text, spellsNames: spelled || spells)
    }

    private func balance(
        _ found: JinjaToken.Operator, _ open: inout [JinjaToken.Operator]
    ) throws(Stop) {
        let opening: JinjaToken.Operator
        switch found {
        case .openBracket, .openParenthesis, .openBrace:
            guard open.count < Self.depthMax else { throw Stop(defect: .tooDeep, offset: position) }
            open.append(found)
            return
        case .closeBracket: opening = .openBracket
        case .closeParenthesis: opening = .openParenthesis
        case .closeBrace: opening = .openBrace
        default: return
        }
        guard open.popLast() == opening else { throw Stop(defect: .unbalanced, offset: position) }
    }

    private mutating func operation() throws(Stop) -> JinjaToken.Operator {
        for length in [2, 1] where position + length <= bytes.count {
            let text = String(decoding: bytes[position..<position + length], as: UTF8.self)
            if let found = JinjaToken.Operator(rawValue: text) {
                position += length
                return found
            }
        }
        throw Stop(defect: .unknownCharacter, offset: position)
    }

    private static func isNamePart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...0xFF:
            true
        default: false
        }
    }

    private mutating func name() -> JinjaToken {
        let start = position
        while let next = byte(), Self.isNamePart(next) { position += 1 }
        return .name(String(decoding: bytes[start..<position], as: UTF8.self))
    }

    private mutating func number() -> JinjaToken {
        let start = position
        let (end, isFloat) = JinjaNumber.end(bytes, at: start)
        position = end
        let text = String(decoding: bytes[start..<end], as: UTF8.self)
        return isFloat ? .float(text) : .integer(text)
    }

    private mutating func string(_ quote: UInt8) throws(Stop) -> JinjaToken {
        let start = position
        position += 1
        let content = position
        while let next = byte(), next != quote {
            position += next == UInt8(ascii: "\\") ? 2 : 1
        }
        guard position < bytes.count else { throw Stop(defect: .unclosedString, offset: start) }
        let (text, spellsNames) = JinjaEscapes.resolve(bytes[content..<position])
        position += 1
        return .string(text, spellsNames: spellsNames)
    }
}
