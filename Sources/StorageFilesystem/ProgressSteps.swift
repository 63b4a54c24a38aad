import LinuxFiles
import RegistryPorts
import Synchronization

/// Turns "so many bytes are done" into "so many more", and a listener's "enough" into a cancellation.
final class ProgressSteps: Sendable {
    private let sink: any ProgressSink
    private let flag: CancellationFlag
    private let reported = Atomic<Int64>(0)

    init(_ sink: any ProgressSink, _ flag: CancellationFlag) {
        self.sink = sink
        self.flag = flag
    }

    func reached(_ done: Int64) {
        let before = reported.exchange(done, ordering: .relaxed)
        if !sink.advanced(byBytes: Int(clamping: done &- before)) { flag.cancel() }
    }
}
