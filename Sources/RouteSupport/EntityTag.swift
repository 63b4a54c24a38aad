/// A strong entity tag (RFC 9110 §8.8.3).
package struct EntityTag: Sendable, Hashable, CustomStringConvertible {
    /// With its quotation marks.
    package let description: String

    /// - Parameter text: holds no quotation mark and no control character.
    package init(_ text: String) {
        description = "\"\(text)\""
    }

    /// What `If-None-Match` says (RFC 9110 §13.1.2): weak comparison, a list, or `*`.
    package func isNamed(by field: String?) -> Bool {
        guard let field else { return false }
        return field.split(separator: ",").contains { entry in
            var entry = entry.drop { $0 == " " || $0 == "\t" }
            while let last = entry.last, last == " " || last == "\t" { entry.removeLast() }
            if entry.hasPrefix("W/") { entry = entry.dropFirst(2) }
            return entry == "*" || entry == description
        }
    }
}
