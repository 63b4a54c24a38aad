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

    /// `nil` where the keys contradict each other.
    var part: GGUFPart? {
        guard let number, let count else { return nil }
        return GGUFPart(number: number, count: count, tensorCount: tensorCount)
    }

    /// Part and count belong together, parts count from 0, and no part has more tensors than all parts together.
    func isConsistent(tensorCount present: UInt64) -> Bool {
        guard let number, let count, number < count else { return false }
        return tensorCount.map { present <= $0 } ?? true
    }
}

/// A file's place among the files of a model that is split.
public struct GGUFPart: Sendable, Hashable {
    /// Parts that a model may have: names of files have five digits for them.
    public static let countMax: UInt64 = 99_999

    /// Counted from 0, less than `count`.
    public let number: UInt64
    public let count: UInt64
    /// Tensors of all parts together.
    public let tensorCount: UInt64?

    /// `nil` where there cannot be such a part.
    public init?(number: UInt64, count: UInt64, tensorCount: UInt64?) {
        guard number < count, count <= Self.countMax else { return nil }
        self.number = number
        self.count = count
        self.tensorCount = tensorCount
    }
}
