/// Which artifacts something is for: one name, or all beneath one (`team/*`) at any depth.
public struct NamePattern: Sendable, Hashable, CustomStringConvertible {
    private let text: String
    private let isPrefix: Bool

    /// - Returns: `nil` for a text that no name can match.
    public init?(parsing pattern: String) {
        if pattern.hasSuffix("/*") {
            text = String(pattern.dropLast())
            isPrefix = true
            guard (try? ArtifactName(parsing: String(text.dropLast()))) != nil else { return nil }
        } else {
            text = pattern
            isPrefix = false
            guard (try? ArtifactName(parsing: pattern)) != nil else { return nil }
        }
    }

    public var description: String { isPrefix ? "\(text)*" : text }

    public func matches(_ name: ArtifactName) -> Bool {
        let name = name.description.utf8
        return isPrefix ? name.starts(with: text.utf8) : name.elementsEqual(text.utf8)
    }
}
