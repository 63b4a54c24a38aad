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

    /// Runs `body` for `width` of `items` at a time and hands each result to `use` in the order of the items. No more
    /// than `ahead` results wait for their turn.
    static func inOrder<Item: Sendable, Result: Sendable>(
        _ items: [Item], width: Int, ahead: Int, _ body: @escaping @Sendable (Item) async throws -> Result,
        use: (Result) throws -> Void
    ) async throws {
        try await withThrowingTaskGroup(of: Indexed<Result>.self) { group in
            var waiting: [Int: Result] = [:]
            var started = 0
            var used = 0
            var running = 0
            while used < items.count {
                while running < width, started < items.count, started < used + max(ahead, width) {
                    let (index, item) = (started, items[started])
                    group.addTask { Indexed(index: index, value: try await body(item)) }
                    started += 1
                    running += 1
                }
                guard let done = try await group.next() else { return }
                running -= 1
                waiting[done.index] = done.value
                while let value = waiting.removeValue(forKey: used) {
                    try use(value)
                    used += 1
                }
            }
        }
    }

    private struct Indexed<Value: Sendable>: Sendable {
        var index: Int
        var value: Value
    }
}
