/// What a stream put aside for later.
///
/// All keys are known, because MEMOIZE takes the number of those that are in use as its key: who knew it wrong would
/// take another value for a name than Python does.
struct PickleMemo {
    private static let chunkCount = 1 << 16

    private let countMax: Int
    /// Values under small keys, as far as some were used: programs that write pickles count up from 0.
    private var chunks: [[PickleValue]] = []
    private var scattered: [UInt64: PickleValue] = [:]
    /// How many keys are in use.
    private(set) var count: UInt64 = 0

    /// - Parameter countMax: keys from there on are few.
    init(countMax: Int) {
        self.countMax = countMax
    }

    private static let scatteredMax = 1 << 14

    /// - Returns: `false` when there is no room.
    mutating func put(_ value: PickleValue, at key: UInt64) -> Bool {
        guard key < UInt64(countMax) else { return putScattered(value, at: key) }
        let (chunk, index) = Int(key).quotientAndRemainder(dividingBy: Self.chunkCount)
        while chunks.count <= chunk { chunks.append([]) }
        if chunks[chunk].isEmpty { chunks[chunk] = [PickleValue](repeating: .absent, count: Self.chunkCount) }
        if chunks[chunk][index] == .absent { count += 1 }
        chunks[chunk][index] = value
        return true
    }

    private mutating func putScattered(_ value: PickleValue, at key: UInt64) -> Bool {
        if scattered[key] == nil {
            guard scattered.count < Self.scatteredMax else { return false }
            count += 1
        }
        scattered[key] = value
        return true
    }

    /// - Returns: `nil` for a key that is not in use.
    func get(_ key: UInt64) -> PickleValue? {
        guard key < UInt64(countMax) else { return scattered[key] }
        let (chunk, index) = Int(key).quotientAndRemainder(dividingBy: Self.chunkCount)
        guard chunk < chunks.count, index < chunks[chunk].count, chunks[chunk][index] != .absent else { return nil }
        return chunks[chunk][index]
    }
}
