/// Which lines of one text became which of another.
package struct LineDifference: Sendable, Hashable {
    package enum Change: Sendable, Hashable {
        case removed(String)
        case added(String)
        /// So many lines that are the same.
        case same(Int)
    }

    package let changes: [Change]

    /// Cells of the table in which common lines are looked for. Beyond that the middle counts as replaced.
    private static let cellsMax = 4_000_000

    package init(_ left: [String], _ right: [String]) {
        var start = 0
        while start < min(left.count, right.count), Self.isSame(left[start], right[start]) { start += 1 }
        var tail = 0
        while tail < min(left.count, right.count) - start,
            Self.isSame(left[left.count - 1 - tail], right[right.count - 1 - tail])
        { tail += 1 }
        let middle = Self.middle(left[start..<left.count - tail], right[start..<right.count - tail])
        changes = Self.joined([.same(start)] + middle + [.same(tail)])
    }

    /// By their bytes: texts that are canonically equal are not the same to a program.
    private static func isSame(_ left: String, _ right: String) -> Bool { left.utf8.elementsEqual(right.utf8) }

    private static func middle(_ left: ArraySlice<String>, _ right: ArraySlice<String>) -> [Change] {
        let (old, new) = (Array(left), Array(right))
        guard !old.isEmpty, !new.isEmpty, old.count < cellsMax / new.count else {
            return old.map { .removed($0) } + new.map { .added($0) }
        }
        // Lengths of the longest common subsequence of what is left of both.
        let width = new.count + 1
        var lengths = [UInt16](repeating: 0, count: (old.count + 1) * width)
        for row in stride(from: old.count - 1, through: 0, by: -1) {
            for column in stride(from: new.count - 1, through: 0, by: -1) {
                lengths[row * width + column] =
                    isSame(old[row], new[column])
                    ? lengths[(row + 1) * width + column + 1] &+ 1
                    : max(lengths[(row + 1) * width + column], lengths[row * width + column + 1])
            }
        }
        var changes: [Change] = []
        var (row, column) = (0, 0)
        while row < old.count || column < new.count {
            if row < old.count, column < new.count, isSame(old[row], new[column]) {
                changes.append(.same(1))
                (row, column) = (row + 1, column + 1)
            } else if column == new.count
                || row < old.count && lengths[(row + 1) * width + column] >= lengths[row * width + column + 1]
            {
                changes.append(.removed(old[row]))
                row += 1
            } else {
                changes.append(.added(new[column]))
                column += 1
            }
        }
        return changes
    }

    private static func joined(_ changes: [Change]) -> [Change] {
        changes.reduce(into: []) { result, change in
            if case .same(0) = change { return }
            if case .same(let count) = change, case .same(let before) = result.last {
                result[result.count - 1] = .same(before + count)
            } else {
                result.append(change)
            }
        }
    }
}
