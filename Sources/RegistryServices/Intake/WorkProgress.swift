package import RegistryCore
public import RegistryPorts
import Synchronization

/// How far a long operation is: kept by whoever works, read by whoever shows it, as often as either likes.
public final class WorkProgress: ProgressSink, Sendable {
    public enum Phase: String, Sendable, Hashable {
        /// For a place among the long operations.
        case waiting
        case copying, inspecting, hashing
        /// The policy decides, and what it decides is written down.
        case deciding
    }

    /// One moment of it.
    public struct Moment: Sendable, Hashable {
        public var phase: Phase
        /// Which file of the artifact is worked on.
        public var file: String?
        /// Of that file, in this phase. Both are 0 where bytes are no measure.
        public var bytesDone: UInt64
        public var bytesTotal: UInt64

        package init(
            phase: Phase = .waiting, file: String? = nil, bytesDone: UInt64 = 0, bytesTotal: UInt64 = 0
        ) {
            self.phase = phase
            self.file = file
            self.bytesDone = bytesDone
            self.bytesTotal = bytesTotal
        }
    }

    private struct State {
        var moment = Moment()
        /// What is done at the same time.
        var parts: [Int: WorkProgress] = [:]
    }

    private let state = Mutex(State())

    public init() {}

    /// Of several files that are worked on at a time this is about the first.
    public var now: Moment {
        let (moment, part) = state.withLock { ($0.moment, $0.parts.min { $0.key < $1.key }?.value) }
        return part?.now ?? moment
    }

    public func advanced(byBytes count: Int) -> Bool {
        state.withLock { state in
            let (done, overflow) = state.moment.bytesDone.addingReportingOverflow(UInt64(clamping: count))
            state.moment.bytesDone = overflow ? state.moment.bytesTotal : min(done, state.moment.bytesTotal)
        }
        return true
    }

    /// The progress of one file of several, until `end`.
    package func begin(part number: Int) -> WorkProgress {
        let part = WorkProgress()
        state.withLock { $0.parts[number] = part }
        return part
    }

    package func end(part number: Int) {
        state.withLock { state in
            guard let part = state.parts.removeValue(forKey: number), state.parts.isEmpty else { return }
            state.moment = part.now
        }
    }

    package func begin(_ phase: Phase, _ file: RelativePath? = nil, bytes: UInt64 = 0) {
        state.withLock {
            $0.moment = Moment(phase: phase, file: file?.description, bytesDone: 0, bytesTotal: bytes)
        }
    }
}
