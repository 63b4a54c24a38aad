/// Work on many items, a few at a time.
enum SideBySide {
    /// Runs `body` for `width` of `items` at a time. The first failure ends the others.
    ///
    /// - Returns: the results in the order of the items.
    static func map<Item: Sendable, Result: Sendable>(
        _ items: [Item], width: Int, _ body: @escaping @Sendable (Item) async throws -> Result
    ) async throws -> [Result] {
        try await withThrowingTaskGroup(of: Indexed<Result>.self) { group in
            var results: [Int: Result] = [:]
            for (index, item) in items.enumerated() {
                if index >= width, let done = try await group.next() { results[done.index] = done.value }
                group.addTask { Indexed(index: index, value: try await body(item)) }
            }
            for try await done in group { results[done.index] = done.value }
            return items.indices.compactMap { results[$0] }
        }
    }

    private struct Indexed<Value: Sendable>: Sendable {
        var index: Int
        var value: Value
    }
}
