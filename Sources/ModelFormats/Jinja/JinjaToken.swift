/// A token of Jinja's expression language.
package enum JinjaToken: Sendable, Hashable {
    case name(String)
    /// The text after its escapes are resolved. `spellsNames` if an escape stands for an ASCII letter, digit or
    /// underscore, which nobody needs to write as a code.
    case string(String, spellsNames: Bool)
    case integer(String)
    case float(String)
    case op(Operator)

    package enum Operator: String, Sendable, Hashable, CaseIterable {
        case power = "**"
        case floorDivide = "//"
        case equal = "=="
        case notEqual = "!="
        case greaterOrEqual = ">="
        case lessOrEqual = "<="
        case add = "+"
        case subtract = "-"
        case divide = "/"
        case multiply = "*"
        case modulo = "%"
        case tilde = "~"
        case openBracket = "["
        case closeBracket = "]"
        case openParenthesis = "("
        case closeParenthesis = ")"
        case openBrace = "{"
        case closeBrace = "}"
        case greater = ">"
        case less = "<"
        case assign = "="
        case dot = "."
        case colon = ":"
        case pipe = "|"
        case comma = ","
        case semicolon = ";"
    }

    package var name: String? { if case .name(let name) = self { name } else { nil } }
    package var isInteger: Bool { if case .integer = self { true } else { false } }
    package var text: String? { if case .string(let text, _) = self { text } else { nil } }
}

/// The code between one pair of delimiters.
package struct JinjaBlock: Sendable, Hashable {
    package enum Kind: Sendable, Hashable {
        /// `{{ … }}`
        case expression
        /// `{% … %}`
        case statement
    }

    package let kind: Kind
    package let tokens: [JinjaToken]
    /// Bytes from the start of the template to the opening delimiter.
    package let offset: Int
}
