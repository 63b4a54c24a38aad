/// Why an object is not the request that was expected. Each case names the field.
public enum FieldFault: Error, Sendable, Hashable {
    case missing(String)
    /// `expected` is a phrase such as "a string".
    case wrongType(String, expected: String)
    case unknown(String)

    public var field: String {
        switch self {
        case .missing(let field), .wrongType(let field, _), .unknown(let field): field
        }
    }
}

extension FieldFault: CustomStringConvertible {
    private static let namePrefixMax = 64

    public var description: String {
        let name = field.prefix(Self.namePrefixMax)
        return switch self {
        case .missing: "the field \"\(name)\" is missing"
        case .wrongType(_, let expected): "the field \"\(name)\" must be \(expected)"
        case .unknown: "the field \"\(name)\" is unknown"
        }
    }
}
