/// The keys by which a model that is split over several files says which part a file is.
public struct GGUFSplit: Sendable, Hashable {
    public let number: UInt64?
    public let count: UInt64?
    public let tensorCount: UInt64?
    /// Where the first of the keys stands.
    let offset: UInt64

    /// `nil` if none of the keys is present.
    public init?(_ metadata: [GGUFMetadata]) {
        let entries = metadata.filter { $0.key.hasPrefix("split.") }
        guard let first = entries.first else { return nil }
        func value(_ key: String) -> UInt64? { entries.last { $0.key == key }?.value.unsigned }
        number = value("split.no")
        count = value("split.count")
        tensorCount = value("split.tensors.count")
        offset = first.offset
    }

    /// Part and count belong together, parts count from 0, and no part has more tensors than all parts together.
    func isConsistent(tensorCount present: UInt64) -> Bool {
        guard let number, let count, number < count else { return false }
        return tensorCount.map { present <= $0 } ?? true
    }
}
