/// Why a document was refused, and where.
public struct YAMLFault: Error, Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
        // Limits of `YAMLLimits`.
        case documentTooLarge
        case tooDeep
        case tooManyValues
        case scalarTooLong
        case numberTooLong
        // What YAML allows and this subset does not.
        case anchor
        case alias
        case tag
        case directive
        case mergeKey
        case keyIsNoString
        case duplicateKey(String)
        case severalDocuments
        // What YAML does not allow.
        case invalidUTF8
        /// With the parser's own words, which quote nothing of the document.
        case syntax(String)
        case outOfMemory
    }

    public let reason: Reason
    /// Counted from 1.
    public let line: Int
    /// Counted from 1, in code points.
    public let column: Int

    public init(_ reason: Reason, line: Int = 1, column: Int = 1) {
        self.reason = reason
        self.line = line
        self.column = column
    }
}

extension YAMLFault: CustomStringConvertible {
    private static let keyPrefixMax = 64

    public var description: String {
        "\(sentence) at line \(line), column \(column)"
    }

    private var sentence: String {
        switch reason {
        case .documentTooLarge: "the document is too large"
        case .tooDeep: "mappings and sequences are nested too deeply"
        case .tooManyValues: "the document has too many values"
        case .scalarTooLong: "a scalar is too long"
        case .numberTooLong: "a number is too long"
        case .anchor: "anchors are not accepted"
        case .alias: "aliases are not accepted"
        case .tag: "tags are not accepted"
        case .directive: "directives are not accepted"
        case .mergeKey: "merge keys are not accepted"
        case .keyIsNoString: "a key is not a string: write it in quotation marks"
        case .duplicateKey(let key): "the key \"\(key.prefix(Self.keyPrefixMax))\" is repeated"
        case .severalDocuments: "there is more than one document"
        case .invalidUTF8: "not UTF-8"
        case .syntax(let problem): problem
        case .outOfMemory: "out of memory"
        }
    }
}
