/// What a stream put aside for later. Only values of which something is known are kept: whoever takes out another one
/// gets `.data`, which is good for nothing that matters.
struct PickleMemo {
    /// Entries under small keys in a row: programs that write pickles count up from 0.
    private static let rowMax = 1 << 21
    private static let scatteredMax = 1 << 16

    private var row: [PickleValue] = []
    private var scattered: [UInt64: PickleValue] = [:]
    /// How many were put: the key of the next MEMOIZE.
    private(set) var count: UInt64 = 0
    /// Whether something of which more was known than that it is data had no room.
    private(set) var isIncomplete = false

    /// - Parameter isNew: `false` for a key that may have been used before.
    mutating func put(_ value: PickleValue, at key: UInt64) {
        if key >= count { count = key &+ 1 }
        if key < UInt64(Self.rowMax) {
            let index = Int(key)
            if index < row.count {
                row[index] = value
                return
            }
            guard value != .data else { return }
            // The gap behind a key far away is paid for by whoever chose it, up to the length of the row.
            row.append(contentsOf: repeatElement(.data, count: index - row.count))
            row.append(value)
        } else if value == .data {
            scattered[key] = nil
        } else if scattered.count < Self.scatteredMax || scattered[key] != nil {
            scattered[key] = value
        } else {
            isIncomplete = true
        }
    }

    mutating func memoize(_ value: PickleValue) {
        put(value, at: count)
    }

    func get(_ key: UInt64) -> PickleValue {
        guard key < UInt64(Self.rowMax) else { return scattered[key] ?? .data }
        let index = Int(key)
        return index < row.count ? row[index] : .data
    }
}
