internal import Synchronization

/// One progress line for several files.
final class SharedMeter: Sendable {
    private let meter: ProgressMeter
    private let done = Mutex<[String: UInt64]>([:])
    private let sum = Mutex<UInt64>(0)

    init(_ meter: ProgressMeter) {
        self.meter = meter
    }

    /// So many bytes of a file are done; may go back.
    func update(_ file: String, _ bytes: UInt64) {
        let before = done.withLock { $0.updateValue(bytes, forKey: file) ?? 0 }
        meter.update(
            sum.withLock { sum in
                sum = sum &+ bytes &- before
                return sum
            })
    }

    func finish() {
        meter.finish()
    }
}
