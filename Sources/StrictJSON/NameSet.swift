/// The names seen so far in one open object.
///
/// Most objects have few members, for which comparing with each is faster than hashing.
package struct NameSet {
    private static let comparedOneByOne = 16

    package init() {}

    private var few: [ExactName] = []
    /// A bit for each of these names: most that are new are told apart without comparing them.
    private var marks: UInt64 = 0
    private var many: Set<ExactName> = []

    package var count: Int {
        many.isEmpty ? few.count : many.count
    }

    /// Forgets all names, and keeps the room that few of them take.
    mutating func removeAll() {
        few.removeAll(keepingCapacity: true)
        many = []
        marks = 0
    }

    private static func mark(_ name: String) -> UInt64 {
        var sum = UInt64(name.utf8.count)
        for byte in name.utf8.prefix(12) { sum = (sum ^ UInt64(byte)) &* 0x9E37_79B9_7F4A_7C15 }
        return 1 << (sum >> 58)
    }

    /// - Returns: whether the name is new.
    package mutating func insert(_ name: String) -> Bool {
        let exact = ExactName(name)
        if !many.isEmpty {
            return many.insert(exact).inserted
        }
        let mark = Self.mark(name)
        if marks & mark != 0, few.contains(exact) {
            return false
        }
        marks |= mark
        few.append(exact)
        if few.count > Self.comparedOneByOne {
            many = Set(few)
            few.removeAll(keepingCapacity: true)
        }
        return true
    }
}
