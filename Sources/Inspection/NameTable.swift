/// Values by name, for lookups that mostly find nothing: length and first byte tell most names apart from all of these.
struct NameTable<Value: Sendable>: Sendable {
    /// By length and first byte, which few names share.
    private var places: [[(name: String, value: Value)]]

    /// - Parameter values: by names that are not empty.
    init(_ values: [String: Value]) {
        places = [[(name: String, value: Value)]](repeating: [], count: 256)
        for (name, value) in values { places[Self.place(name)].append((name, value)) }
    }

    private static func place(_ name: String) -> Int {
        (name.utf8.count &* 37 &+ Int(name.utf8.first ?? 0)) & 255
    }

    subscript(name: String) -> Value? {
        for candidate in places[Self.place(name)] where candidate.name == name { return candidate.value }
        return nil
    }
}
