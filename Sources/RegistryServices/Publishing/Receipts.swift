package import OCI
package import RegistryCore
import RegistryPorts
import Synchronization

/// That bytes came into a repository, and when.
package struct Receipt: Sendable, Hashable {
    package var blob: Digest
    package var repository: RepositoryKey
    package var time: Timestamp

    package init(blob: Digest, repository: RepositoryKey, time: Timestamp) {
        self.blob = blob
        self.repository = repository
        self.time = time
    }
}

/// Receipts that are durable beside their blobs and not in the metadata yet.
///
/// Writing down each receipt takes a commit of its own, and with it a sync. So a small blob carries its receipt, which
/// the sync of the blob made durable, and the row follows with the next manifest or within about a second. Until it is
/// committed it stands here, and whoever asks the metadata for receipts asks here first.
///
/// What stands here is lost with the process, and found beside the blob by the next one (`ReceivedBlobs`): those are of
/// the last moments before it ended, so that what was taken out of a repository long since does not come back.
package final class Receipts: Sendable {
    private struct Key: Hashable {
        var blob: Digest
        var repository: RepositoryKey
    }

    private struct Waiting {
        var time: Timestamp
        /// A change that is under way writes it.
        var isTaken = false
    }

    private struct State {
        var waiting: [Key: Waiting] = [:]
        var takenCount = 0
        /// How many are waiting of each blob, in whichever repositories.
        var blobs: [Digest: Int] = [:]
        /// Receipts beside their blobs that do not count any more.
        var dismissed: Set<Key> = []
    }

    /// Receipts that wait at a time; with as many waiting, each further one is written down at once.
    private static let waitingMax = 16_384
    /// So long a receipt may take from its making to here.
    private static let makingMilliseconds: Int64 = 30_000

    private let sealer: RecordSealer
    /// Receipts that the process before may have left were made in this time.
    private let leftBehind: Range<Int64>
    private let state = Mutex(State())

    /// - Parameters:
    ///   - newestEvent: when the process before is known to have committed something for the last time.
    ///   - start: now.
    package init(sealer: RecordSealer, newestEvent: Timestamp, start: Timestamp) {
        self.sealer = sealer
        let first = newestEvent.milliseconds - Self.makingMilliseconds * 2
        leftBehind = first..<max(first, start.milliseconds)
    }

    /// Whether the receipt of a blob that is about to be kept may wait here.
    package func hasRoom() -> Bool {
        state.withLock { $0.waiting.count < Self.waitingMax }
    }

    /// The blob is durable, and this receipt beside it.
    ///
    /// - Returns: `false` when it cannot wait and has to be written down now.
    package func add(_ receipt: Receipt, at now: Timestamp) -> Bool {
        guard now.milliseconds - receipt.time.milliseconds <= Self.makingMilliseconds else { return false }
        return state.withLock { state in
            guard state.waiting.count < Self.waitingMax else { return false }
            let key = Key(blob: receipt.blob, repository: receipt.repository)
            if let old = state.waiting.updateValue(Waiting(time: receipt.time), forKey: key) {
                // Whoever writes the older one down leaves this one.
                if old.isTaken { state.takenCount -= 1 }
            } else {
                state.blobs[receipt.blob, default: 0] += 1
            }
            return true
        }
    }

    package func has(_ blob: Digest, in repository: RepositoryKey, since time: Timestamp) -> Bool {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return false }
            return state.waiting[Key(blob: blob, repository: repository)].map { $0.time >= time } ?? false
        }
    }

    /// Whether a receipt of the blob waits, of whichever repository.
    package func has(_ blob: Digest) -> Bool {
        state.withLock { $0.blobs[blob] != nil }
    }

    package var isAnyWaiting: Bool { state.withLock { $0.waiting.count > $0.takenCount } }

    /// All that nobody writes down yet, for a change that does.
    package func take() -> [Receipt] {
        state.withLock { state in
            guard state.waiting.count > state.takenCount else { return [] }
            var taken: [Receipt] = []
            taken.reserveCapacity(state.waiting.count - state.takenCount)
            for (key, waiting) in state.waiting where !waiting.isTaken {
                taken.append(Receipt(blob: key.blob, repository: key.repository, time: waiting.time))
            }
            for receipt in taken {
                state.waiting[Key(blob: receipt.blob, repository: receipt.repository)]?.isTaken = true
            }
            state.takenCount += taken.count
            return taken
        }
    }

    /// The change that took them was not made.
    package func giveBack(_ taken: [Receipt]) {
        update(taken) { state, key in
            state.waiting[key]?.isTaken = false
        }
    }

    /// The change that took them is durable.
    package func settle(_ taken: [Receipt]) {
        update(taken) { state, key in
            state.waiting[key] = nil
            let left = (state.blobs[key.blob] ?? 1) - 1
            state.blobs[key.blob] = left > 0 ? left : nil
        }
    }

    /// The blob was taken out of the repository: what the process before left beside it does not bring it back.
    func dismiss(_ blob: Digest, in repository: RepositoryKey) {
        state.withLock { state in
            // As many as one process leaves behind.
            guard state.dismissed.count < Self.waitingMax else { return }
            state.dismissed.insert(Key(blob: blob, repository: repository))
        }
    }

    /// Those that a newer one replaced meanwhile are left out.
    private func update(_ taken: [Receipt], _ change: (inout State, Key) -> Void) {
        guard !taken.isEmpty else { return }
        state.withLock { state in
            for receipt in taken {
                let key = Key(blob: receipt.blob, repository: receipt.repository)
                guard state.waiting[key]?.isTaken == true else { continue }
                change(&state, key)
                state.takenCount -= 1
            }
        }
    }
}

// What stands beside a blob: the time in eight bytes, and a seal over all of the receipt.
extension Receipts {
    private static let timeBytes = 8

    func sealed(_ receipt: Receipt) -> [UInt8] {
        let time = UInt64(bitPattern: receipt.time.milliseconds)
        return (0..<Self.timeBytes).reversed().map { UInt8(truncatingIfNeeded: time >> (8 * UInt64($0))) }
            + sealer.code(receipt.message)
    }

    /// A receipt that the process before may have made and not written down.
    ///
    /// - Returns: `nil` for one of another repository, of another time, and for what is not ours.
    func leftBehind(_ sealed: [UInt8], of blob: Digest, in repository: RepositoryKey) -> Receipt? {
        guard let time = timeLeftBehind(sealed) else { return nil }
        let receipt = Receipt(blob: blob, repository: repository, time: time)
        let isDismissed = state.withLock { $0.dismissed.contains(Key(blob: blob, repository: repository)) }
        guard !isDismissed else { return nil }
        return sealer.matches(Array(sealed.dropFirst(Self.timeBytes)), receipt.message) ? receipt : nil
    }

    /// When such a receipt was made, whichever repository it is of and whoever wrote it.
    func timeLeftBehind(_ sealed: [UInt8]) -> Timestamp? {
        guard sealed.count > Self.timeBytes else { return nil }
        let bits = sealed.prefix(Self.timeBytes).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        let milliseconds = Int64(bitPattern: bits)
        return leftBehind.contains(milliseconds) ? Timestamp(clamping: milliseconds) : nil
    }
}

extension Receipt {
    fileprivate var message: SealedMessage {
        var message = SealedMessage("receipt/v1")
        message.add(repository.tenant.description)
        message.add(repository.name.description)
        message.add(blob)
        message.add(time)
        return message
    }
}
