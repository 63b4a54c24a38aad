import LinuxFiles
import RegistryPorts
import Synchronization

/// Remembers how far uploads were hashed that wait for their next piece, so that ending one does not take longer the
/// larger it is. Losing some of it costs one more read.
///
/// A hash counts only while its file is exactly as it was left.
final class SuspendedHashes: Sendable {
    /// The oldest goes first.
    private static let countMax = 1_024

    private struct Entry {
        var hash: SuspendedHash
        var number: UInt64
    }

    private struct State {
        var entries: [UploadID: Entry] = [:]
        var nextNumber: UInt64 = 0
    }

    private let state = Mutex(State())

    func remember(_ hash: SuspendedHash, of id: UploadID) {
        state.withLock { state in
            if state.entries.count >= Self.countMax, state.entries[id] == nil,
                let oldest = state.entries.min(by: { $0.value.number < $1.value.number })
            {
                state.entries[oldest.key] = nil
            }
            state.entries[id] = Entry(hash: hash, number: state.nextNumber)
            state.nextNumber &+= 1
        }
    }

    /// Hands a hash out, once: whoever takes it goes on with it.
    func take(_ id: UploadID) -> SuspendedHash? {
        state.withLock { $0.entries.removeValue(forKey: id)?.hash }
    }

    func forget(named name: String) {
        state.withLock { state in
            guard let id = state.entries.keys.first(where: { $0.hex == name }) else { return }
            state.entries[id] = nil
        }
    }
}
