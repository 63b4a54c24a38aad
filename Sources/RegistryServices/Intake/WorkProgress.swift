import RegistryCore
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
        public var phase = Phase.waiting
        /// Which file of the artifact is worked on.
        public var file: String?
        /// Of that file, in this phase. Both are 0 where bytes are no measure.
        public var bytesDone: UInt64 = 0
        public var bytesTotal: UInt64 = 0
    }

    private let state = Mutex(Moment())

    public init() {}

    public var now: Moment { state.withLock { $0 } }

    public func advanced(byBytes count: Int) -> Bool {
        state.withLock { moment in
            let (done, overflow) = moment.bytesDone.addingReportingOverflow(UInt64(clamping: count))
            moment.bytesDone = overflow ? moment.bytesTotal : min(done, moment.bytesTotal)
        }
        return true
    }

    func begin(_ phase: Phase, _ file: RelativePath? = nil, bytes: UInt64 = 0) {
        state.withLock { $0 = Moment(phase: phase, file: file?.description, bytesDone: 0, bytesTotal: bytes) }
    }
}
