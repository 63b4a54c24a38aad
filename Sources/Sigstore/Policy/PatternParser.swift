/// Reads the language of `IdentityPattern`.
struct PatternParser {
    private let scalars: [Unicode.Scalar]
    private var position = 0
    private var depth = 0

    static let depthMax = 32
    static let repetitionsMax = 256

    init(_ text: String) {
        scalars = Array(text.unicodeScalars)
    }

    /// The whole text.
    mutating func pattern() throws(PatternFault) -> PatternNode {
        let node = try choice()
        guard position == scalars.count else { throw fault(.unbalanced) }
        return node
    }

    private func fault(_ reason: PatternFault.Reason) -> PatternFault {
        PatternFault(reason, offset: position)
    }

    private var next: Unicode.Scalar? { position < scalars.count ? scalars[position] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard next == scalar else { return false }
        position += 1
        return true
    }

    private mutating func takeAny() throws(PatternFault) -> Unicode.Scalar {
        guard let scalar = next else { throw fault(.unexpectedEnd) }
        position += 1
        return scalar
    }

    private mutating func choice() throws(PatternFault) -> PatternNode {
        guard depth < Self.depthMax else { throw fault(.tooComplex) }
        depth += 1
        defer { depth -= 1 }
        var options = [try sequence()]
        while take("|") { options.append(try sequence()) }
        return options.count == 1 ? options[0] : .choice(options)
    }

    private mutating func sequence() throws(PatternFault) -> PatternNode {
        var nodes: [PatternNode] = []
        while let scalar = next, scalar != "|", scalar != ")" {
            let atom = try atom()
            nodes.append(try repeated(atom))
        }
        return .sequence(nodes)
    }

    private mutating func repeated(_ atom: PatternNode) throws(PatternFault) -> PatternNode {
        guard let scalar = next else { return atom }
        let node: PatternNode
        switch scalar {
        case "*": node = .repetition(atom, min: 0, max: nil)
        case "+": node = .repetition(atom, min: 1, max: nil)
        case "?": node = .repetition(atom, min: 0, max: 1)
        case "{":
            let (min, max) = try bounds()
            node = .repetition(atom, min: min, max: max)
        default: return atom
        }
        if scalar != "{" { position += 1 }
        // Whether as much or as little as possible is taken makes no difference to the whole text.
        _ = take("?")
        if let next, ["*", "+", "?", "{"].contains(next) { throw fault(.nothingToRepeat) }
        return node
    }

    private mutating func bounds() throws(PatternFault) -> (Int, Int?) {
        position += 1
        guard let min = try number() else { throw fault(.invalidRepetition) }
        var max: Int? = min
        if take(",") { max = try number() }
        guard take("}"), max.map({ $0 >= min }) ?? true else { throw fault(.invalidRepetition) }
        return (min, max)
    }

    private mutating func number() throws(PatternFault) -> Int? {
        var value: Int?
        while let scalar = next, let digit = Self.digit(scalar) {
            let grown = (value ?? 0) * 10 + digit
            guard grown <= Self.repetitionsMax else { throw fault(.invalidRepetition) }
            value = grown
            position += 1
        }
        return value
    }

    private static func digit(_ scalar: Unicode.Scalar) -> Int? {
        ScalarSet.digits.contains(scalar) ? Int(scalar.value) - 0x30 : nil
    }

    private mutating func atom() throws(PatternFault) -> PatternNode {
        let scalar = try takeAny()
        switch scalar {
        case "(": return try group()
        case "[": return .scalar(try characterClass())
        case ".": return .scalar(.any)
        case "^": return .start
        case "$": return .end
        case "\\": return .scalar(try escape())
        case "*", "+", "?":
            position -= 1
            throw fault(.nothingToRepeat)
        case "{":
            position -= 1
            throw fault(.invalidRepetition)
        default: return .scalar(ScalarSet(scalar))
        }
    }

    private mutating func group() throws(PatternFault) -> PatternNode {
        if take("?"), !take(":") { throw fault(.unsupportedGroup) }
        let node = try choice()
        guard take(")") else { throw fault(.unbalanced) }
        return node
    }

    private mutating func escape() throws(PatternFault) -> ScalarSet {
        let scalar = try takeAny()
        switch scalar {
        case "d": return .digits
        case "D": return .digits.inverted
        case "w": return .word
        case "W": return .word.inverted
        case "s": return .space
        case "S": return .space.inverted
        // Of what is not a letter or digit only the character itself can be meant.
        case let scalar where scalar.isASCII && !ScalarSet.word.contains(scalar) || scalar == "_":
            return ScalarSet(scalar)
        default:
            position -= 1
            throw fault(.unsupportedEscape)
        }
    }

    private mutating func characterClass() throws(PatternFault) -> ScalarSet {
        let isInverted = take("^")
        var set = ScalarSet([])
        var isFirst = true
        while isFirst || next != "]" {
            isFirst = false
            let lower = try classMember()
            guard let first = lower.single, next == "-", position + 1 < scalars.count, scalars[position + 1] != "]"
            else {
                set.insert(lower)
                continue
            }
            position += 1
            guard let last = try classMember().single, first <= last else { throw fault(.invalidClass) }
            set.insert(first...last)
        }
        position += 1
        return isInverted ? set.inverted : set
    }

    private mutating func classMember() throws(PatternFault) -> ScalarSet {
        let scalar = try takeAny()
        switch scalar {
        // Named classes, such as [:alpha:].
        case "[" where next == ":": throw fault(.invalidClass)
        case "\\":
            let set = try escape()
            guard !set.isInverted else { throw fault(.invalidClass) }
            return set
        default: return ScalarSet(scalar)
        }
    }
}

extension ScalarSet {
    /// Its only character, if it has one.
    fileprivate var single: UInt32? {
        ranges.count == 1 && ranges[0].count == 1 && !isInverted ? ranges[0].lowerBound : nil
    }
}
