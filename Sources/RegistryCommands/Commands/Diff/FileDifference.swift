/// What became of one file.
struct FileDifference: Sendable {
    enum Status: String, Sendable {
        case same, added, removed, changed
        /// It could not be compared.
        case undecided
    }

    /// A tensor, key, member or other part that is not the same on both sides.
    struct Part: Sendable {
        enum Kind: String, Sendable, CaseIterable {
            case tensor, metadata, member, layout, bytes
        }

        var kind: Kind
        var status: Status
        var name: String
        /// How it was, for people.
        var left: String?
        /// How it is.
        var right: String?
    }

    struct Text: Sendable {
        var name: String
        var difference: LineDifference
    }

    /// Beneath both directories; the paths themselves where files were named.
    let path: String
    var status: Status
    var parts: [Part] = []
    /// Templates and texts, line by line.
    var texts: [Text] = []
    /// Why it could not be compared.
    var reason: String?

    init(_ path: String, _ status: Status, reason: String? = nil) {
        self.path = path
        self.status = status
        self.reason = reason
    }

    /// The differences between two lists of things with names: what one alone has, and what differs.
    static func parts<Item>(
        _ kind: Part.Kind, _ left: [Item], _ right: [Item], name: (Item) -> String, text: (Item) -> String,
        isSame: (Item, Item) -> Bool
    ) -> [Part] {
        let old = Dictionary(left.map { (Array(name($0).utf8), $0) }, uniquingKeysWith: { _, last in last })
        let new = Dictionary(right.map { (Array(name($0).utf8), $0) }, uniquingKeysWith: { _, last in last })
        var parts: [Part] = []
        for (key, item) in old {
            guard let other = new[key] else {
                parts.append(Part(kind: kind, status: .removed, name: name(item), left: text(item)))
                continue
            }
            guard !isSame(item, other) else { continue }
            parts.append(
                Part(kind: kind, status: .changed, name: name(item), left: text(item), right: text(other)))
        }
        for (key, item) in new where old[key] == nil {
            parts.append(Part(kind: kind, status: .added, name: name(item), right: text(item)))
        }
        return parts.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    }
}
