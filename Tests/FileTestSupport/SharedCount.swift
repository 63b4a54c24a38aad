import Synchronization

/// A number that threads and tasks of a test share.
public final class SharedCount: Sendable {
    private let number = Atomic<Int>(0)

    public init() {}

    public var value: Int { number.load(ordering: .sequentiallyConsistent) }

    public func set(_ value: Int) { number.store(value, ordering: .sequentiallyConsistent) }

    /// - Returns: the number after adding.
    @discardableResult
    public func add(_ count: Int) -> Int { number.add(count, ordering: .sequentiallyConsistent).newValue }
}

/// A value that threads and tasks of a test share.
public final class Shared<Value: Sendable>: Sendable {
    private let state: Mutex<Value>

    public init(_ value: Value) { state = Mutex(value) }

    public var value: Value { state.withLock { $0 } }

    public func change(_ body: @Sendable (inout Value) -> Void) { state.withLock { body(&$0) } }
}
