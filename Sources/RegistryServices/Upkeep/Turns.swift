import RegistryCore
import Synchronization

/// Lets one task at a time work on each thing; the others wait in the order in which they came.
final class Turns<Key: Hashable & Sendable>: Sendable {
    /// A key is there while somebody has its turn.
    private let waiting = Mutex<[Key: [CheckedContinuation<Void, Never>]]>([:])

    func take<T>(_ key: Key, _ body: () async throws(RegistryError) -> T) async throws(RegistryError) -> T {
        await begin(key)
        defer { end(key) }
        return try await body()
    }

    private func begin(_ key: Key) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[key] == nil else {
                    waiting[key]?.append(continuation)
                    return false
                }
                waiting[key] = []
                return true
            }
            if isFree { continuation.resume() }
        }
    }

    private func end(_ key: Key) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard waiting[key]?.isEmpty == false else {
                waiting[key] = nil
                return nil
            }
            return waiting[key]?.removeFirst()
        }
        next?.resume()
    }
}
