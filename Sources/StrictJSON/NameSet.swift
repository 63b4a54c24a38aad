/// The names seen so far in one open object.
///
/// Most objects have few members, for which comparing with each is faster than hashing.
package struct NameSet {
    private static let comparedOneByOne = 16

    package init() {}

    private var few: [ExactName] = []
    private var many: Set<ExactName> = []

    package var count: Int {
        many.isEmpty ? few.count : many.count
    }

    /// Forgets all names, and keeps the room that few of them take.
    mutating func removeAll() {
        few.removeAll(keepingCapacity: true)
        many = []
    }

    /// - Returns: whether the name is new.
    package mutating func insert(_ name: String) -> Bool {
        let exact = ExactName(name)
        if !many.isEmpty {
            return many.insert(exact).inserted
        }
        if few.contains(exact) {
            return false
        }
        few.append(exact)
        if few.count > Self.comparedOneByOne {
            many = Set(few)
            few.removeAll(keepingCapacity: true)
        }
        return true
    }
}
