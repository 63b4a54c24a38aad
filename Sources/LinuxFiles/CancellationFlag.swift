import Synchronization

/// A flag by which a task asks blocking work to stop; the work looks at it between two steps.
public final class CancellationFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    public init() {}

    public func cancel() { raised.store(true, ordering: .releasing) }

    public var isCancelled: Bool { raised.load(ordering: .acquiring) }

    public func check(_ operation: FileOperation) throws(FileFault) {
        if isCancelled { throw FileFault(operation, .cancelled) }
    }
}
