public import StrictJSON

/// Why bytes are no envelope or statement. Texts name the field.
public enum AttestationFault: Error, Sendable, Hashable {
    case invalidJSON(JSONFault)
    case malformed(String)
    /// More of something than is read.
    case limitExceeded(String)
    /// What may be right and is not read.
    case unsupported(String)
    /// Neither in-toto Statement v1 nor v0.1.
    case unknownStatementType
}

extension AttestationFault {
    /// Whether it may be right, and cannot be said to be wrong.
    public var isUnsupported: Bool {
        if case .unsupported = self { true } else { false }
    }
}

extension AttestationFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .invalidJSON(let fault): fault.description
        case .malformed(let field): "\(field) is missing or cannot be read"
        case .limitExceeded(let limit): "there are more \(limit) than are read"
        case .unsupported(let what): "\(what) is not supported"
        case .unknownStatementType: "it is no in-toto statement of a known version"
        }
    }
}
