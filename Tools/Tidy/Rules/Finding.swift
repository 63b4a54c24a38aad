/// A place that breaks a rule of the house.
public struct Finding: Sendable, Hashable {
    public let path: String
    /// Counted from 1.
    public let line: Int
    public let rule: String
    /// What is wrong and what to write instead.
    public let message: String
}

extension Finding: CustomStringConvertible {
    /// The form editors and CI understand.
    public var description: String {
        "\(path):\(line): \(rule): \(message)"
    }
}

extension Finding: Comparable {
    public static func < (left: Finding, right: Finding) -> Bool {
        (left.path, left.line, left.rule, left.message) < (right.path, right.line, right.rule, right.message)
    }
}
