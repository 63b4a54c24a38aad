package import RegistryCore

extension WorkLimiter {
    /// Does the same to many items within a piece of work that has its place already, several at a time.
    ///
    /// One of them uses that place. Each further one takes a place that nobody else wants and gives it back after the
    /// item, so that a large directory waits behind nobody and lets others in.
    ///
    /// - Parameters:
    ///   - atOnceMax: items at a time, whatever places there are.
    ///   - body: gets a progress of its own; the one of the first item that is under way is shown.
    /// - Returns: what `body` made of the items, in their order. Nothing is under way any more.
    /// - Throws: what doing one after another would: the fault of the first item that has one. Later items that began
    ///   are cancelled.
    package func spread<Item: Sendable, Value: Sendable>(
        over items: [Item], atOnceMax: Int, _ progress: WorkProgress?,
        _ body: @escaping @Sendable (Item, WorkProgress?) async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> [Value] {
        let result = await withTaskGroup(of: Outcome<Value>.self) { group in
            var values = [Value?](repeating: nil, count: items.count)
            var underWay: Set<Int> = []
            var fault: (index: Int, error: RegistryError)?
            var next = 0
            while true {
                while fault == nil, next < items.count, underWay.count < max(1, atOnceMax),
                    underWay.isEmpty || takeSpare()
                {
                    let (index, item) = (next, items[next])
                    group.addTask { await Outcome(index, item, progress, body) }
                    underWay.insert(index)
                    next += 1
                }
                guard let outcome = await group.next() else { break }
                underWay.remove(outcome.index)
                if !underWay.isEmpty { leave() }
                switch outcome.result {
                case .success(let value): values[outcome.index] = value
                case .failure(let error):
                    if outcome.index < fault?.index ?? .max { fault = (outcome.index, error) }
                }
                // What comes before it may fail still; nobody asks about what comes after.
                if let fault, underWay.allSatisfy({ $0 > fault.index }) { group.cancelAll() }
            }
            return fault.map { Result<[Value], RegistryError>.failure($0.error) } ?? .success(values.compactMap(\.self))
        }
        return try result.get()
    }
}

/// What became of one item.
private struct Outcome<Value: Sendable>: Sendable {
    let index: Int
    let result: Result<Value, RegistryError>

    init<Item: Sendable>(
        _ index: Int, _ item: Item, _ progress: WorkProgress?,
        _ body: @Sendable (Item, WorkProgress?) async throws(RegistryError) -> Value
    ) async {
        self.index = index
        let part = progress?.begin(part: index)
        defer { progress?.end(part: index) }
        do throws(RegistryError) {
            result = .success(try await body(item, part))
        } catch {
            result = .failure(error)
        }
    }
}
