public import SafeYAML
public import StrictJSON

/// Why a text is no list of credentials. What the text says is never repeated: somebody may have written a token into
/// the wrong field.
public enum CredentialFault: Error, Sendable, Hashable {
    case yaml(YAMLFault)
    /// - Parameter row: which credential, counted from 0; `nil` for the list itself.
    case field(FieldFault, row: Int?)
    /// A field with a value that cannot be; `nil` for the credential as a whole.
    case refused(String, field: String?, row: Int?)
    case tooMany(limit: Int)
}

extension CredentialFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .yaml(let fault):
            // A repeated key is part of the text.
            if case .duplicateKey = fault.reason { "line \(fault.line): a key is repeated" } else { "\(fault)" }
        case .field(.unknown, let row): Self.place(row) + "there is a field that is not known here"
        case .field(let fault, let row): Self.place(row) + "\(fault)"
        case .refused(let sentence, let field?, let row): Self.place(row) + "\(field) \(sentence)"
        case .refused(let sentence, nil, let row): Self.place(row) + "it \(sentence)"
        case .tooMany(let limit): "there are more than \(limit) credentials"
        }
    }

    private static func place(_ row: Int?) -> String {
        row.map { "credential \($0 + 1): " } ?? ""
    }

    /// The line of the text in which the mistake is, counted from 1.
    ///
    /// - Parameter yaml: the text whose reading ended in this fault.
    public func line(in yaml: [UInt8]) -> Int {
        switch self {
        case .yaml(let fault): fault.line
        case .field(let fault, let row): SafeYAML.line(of: Self.path(row, fault.field), in: yaml, limits: .credentials)
        case .refused(_, let field, let row):
            SafeYAML.line(of: Self.path(row, field), in: yaml, limits: .credentials)
        case .tooMany: SafeYAML.line(of: [.key("credentials")], in: yaml, limits: .credentials)
        }
    }

    private static func path(_ row: Int?, _ field: String?) -> [YAMLStep] {
        (row.map { [.key("credentials"), .item($0)] } ?? []) + (field.map { [.key($0)] } ?? [])
    }
}
