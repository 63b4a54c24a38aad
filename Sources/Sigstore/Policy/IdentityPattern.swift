/// A regular expression that a whole text has to match.
///
/// The language is a part of RE2's: literals, `.`, classes `[a-z]` and `[^a-z]`, `\d \w \s \D \W \S`, groups, `|`, and
/// the repetitions `* + ? {n} {n,} {n,m}`; `^` and `$` are the ends of the text. Every state is tried at once, so that
/// the time is linear in the text, whatever pattern and text are.
public struct IdentityPattern: Sendable, Hashable {
    /// As it was written.
    public let text: String

    let program: PatternProgram

    /// Longest pattern that is read, in bytes.
    public static let patternBytesMax = 1_024

    /// Longest text that is compared, in bytes; a longer one does not match.
    public static let textBytesMax = 2_048

    /// - Throws: what cannot be read, and where.
    public init(_ text: String) throws(PatternFault) {
        guard text.utf8.count <= Self.patternBytesMax else {
            throw PatternFault(.tooLong, offset: Self.patternBytesMax)
        }
        var parser = PatternParser(text)
        program = try PatternProgram(try parser.pattern())
        self.text = text
    }

    /// Whether the whole of `candidate` matches.
    public func matches(_ candidate: String) -> Bool {
        candidate.utf8.count <= Self.textBytesMax && program.matches(Array(candidate.unicodeScalars))
    }
}

/// Why a pattern is refused.
public struct PatternFault: Error, Sendable, Hashable {
    public enum Reason: String, Sendable, Hashable {
        case tooLong = "the pattern is too long"
        case tooComplex = "the pattern is too complex"
        case unexpectedEnd = "the pattern ends early"
        case unbalanced = "a bracket has no partner"
        case nothingToRepeat = "there is nothing to repeat"
        case invalidRepetition = "the repetition is not {n}, {n,} or {n,m} up to 256"
        case invalidClass = "the class of characters cannot be read"
        case unsupportedEscape = "this escape is not supported"
        case unsupportedGroup = "only groups ( ) and (?: ) are supported"
    }

    public let reason: Reason

    /// Counted in characters from 0.
    public let offset: Int

    init(_ reason: Reason, offset: Int) {
        self.reason = reason
        self.offset = offset
    }
}

extension PatternFault: CustomStringConvertible {
    public var description: String { "\(reason.rawValue), at character \(offset + 1)" }
}
