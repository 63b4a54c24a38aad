public import RegistryPorts
import Synchronization
import Testing
import TransparencyLog

/// A checkpoint in memory, which fails the test when it is replaced by one of a smaller log.
public final class MemoryCheckpointStore: CheckpointStore, Sendable {
    private let note: Mutex<[UInt8]?>

    public init(_ note: [UInt8]? = nil) {
        self.note = Mutex(note)
    }

    /// What is kept now. Setting it is what somebody else does to the file.
    public var kept: [UInt8]? {
        get { note.withLock { $0 } }
        set { note.withLock { $0 = newValue } }
    }

    public func fetch() async throws(StorageFault) -> [UInt8]? { kept }

    public func replace(_ current: [UInt8]?, with next: [UInt8]) async throws(StorageFault) {
        let isReplaced = note.withLock { note in
            guard note == current else { return false }
            if let before = note.flatMap(Self.size), let after = Self.size(next), after < before {
                Issue.record("A checkpoint of \(before) entries was replaced by one of \(after).")
            }
            note = next
            return true
        }
        guard isReplaced else { throw .changed }
    }

    private static func size(_ note: [UInt8]) -> UInt64? {
        (try? SignedNote(parsing: note)).flatMap { try? Checkpoint(parsing: $0.text) }?.size
    }
}
