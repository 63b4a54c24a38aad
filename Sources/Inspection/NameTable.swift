/// Values by name, for lookups that mostly find nothing: length and first byte tell most names apart from all of these.
struct NameTable<Value: Sendable>: Sendable {
    private static var lengthMax: Int { 63 }

    private let values: [String: Value]
    /// For each first byte the lengths that there are, one bit for each.
    private let lengths: [UInt64]

    /// - Parameter values: by names in ASCII of 1 to 63 bytes.
    init(_ values: [String: Value]) {
        var lengths = [UInt64](repeating: 0, count: 256)
        for name in values.keys {
            guard let first = name.utf8.first else { continue }
            lengths[Int(first)] |= 1 << UInt64(min(name.utf8.count, Self.lengthMax))
        }
        self.values = values
        self.lengths = lengths
    }

    subscript(name: String) -> Value? {
        let length = name.utf8.count
        guard length <= Self.lengthMax, let first = name.utf8.first,
            lengths[Int(first)] >> UInt64(length) & 1 == 1
        else { return nil }
        return values[name]
    }
}
