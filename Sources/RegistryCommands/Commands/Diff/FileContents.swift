internal import Inspection
internal import Synchronization

/// What the inspection's child says about a file's metadata, templates and members, for a comparison.
struct FileContents: Sendable {
    struct Item: Sendable {
        var name: String
        /// For people: type and value, or size.
        var text: String
        /// What the item is the same by.
        var digest: String
    }

    struct Template: Sendable {
        var key: String
        var digest: String
        var lines: [String]
    }

    private(set) var metadata: [Item] = []
    private(set) var templates: [Template] = []
    private(set) var members: [Item] = []
    private var count = 0

    private static let itemsMax = 500_000

    init() {}

    init(of file: MemberFile, in context: CommandContext) async throws {
        let found = Mutex(FileContents())
        _ = try await file.view(.contents, in: context) { fields in found.withLock { $0.take(fields) } }
        self = found.withLock { $0 }
    }

    private mutating func take(_ fields: [String]) -> Bool {
        count += 1
        guard count <= Self.itemsMax else { return false }
        switch (fields.first, fields.count) {
        case ("metadata", 5):
            metadata.append(Item(name: fields[1], text: "\(fields[2]) \(fields[3])", digest: fields[4]))
        case ("member", 4):
            guard let size = UInt64(fields[2]) else { return false }
            members.append(Item(name: fields[1], text: Quantities.bytes(size), digest: fields[3]))
        case ("template", 3): templates.append(Template(key: fields[1], digest: fields[2], lines: []))
        case ("line", 2) where !templates.isEmpty: templates[templates.count - 1].lines.append(fields[1])
        default: return false
        }
        return true
    }
}
