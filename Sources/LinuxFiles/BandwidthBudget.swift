import Glibc
import Synchronization

/// A token bucket: `bytesPerSecond` on the average, and up to `burstBytes` at once after a pause.
///
/// Pure arithmetic; time is the caller's. Bytes are taken before they are paid for, so that a single piece may be
/// larger than the bucket: the debt delays the next one.
public struct TokenBucket: Sendable {
    private let nanosecondsPerByte: Double
    private let burst: Double
    /// Nanoseconds on the caller's clock at which the bucket is, or was, empty again.
    private var paidUntil: Double?

    /// - Parameters:
    ///   - bytesPerSecond: at least 1; less counts as 1.
    public init(bytesPerSecond: UInt64, burstBytes: UInt64) {
        nanosecondsPerByte = 1e9 / Double(max(bytesPerSecond, 1))
        burst = Double(burstBytes) * nanosecondsPerByte
    }

    /// Takes `bytes` at the time `now`, nanoseconds on a clock that never goes back.
    ///
    /// - Returns: nanoseconds to wait before the bytes may be used.
    public mutating func take(bytes: Int, now: UInt64) -> UInt64 {
        let now = Double(now)
        let start = max(paidUntil ?? now - burst, now - burst)
        let end = start + Double(bytes) * nanosecondsPerByte
        paidUntil = end
        // Capped to a day, so that an absurd rate cannot make a number that does not fit.
        return UInt64(min(max(end - now, 0), 86_400e9))
    }
}

/// One token bucket that any number of readers share.
public final class BandwidthBudget: Sendable {
    /// The time in nanoseconds on a clock that never goes back.
    public typealias Clock = @Sendable () -> UInt64
    /// Blocks the thread for some nanoseconds.
    public typealias Pause = @Sendable (UInt64) -> Void

    private let bucket: Mutex<TokenBucket>
    private let clock: Clock
    private let pause: Pause

    /// Longest single pause, after which a cancelled reader notices: 50 ms.
    private static let pauseMax: UInt64 = 50_000_000

    public init(_ bucket: TokenBucket, clock: @escaping Clock, pause: @escaping Pause) {
        self.bucket = Mutex(bucket)
        self.clock = clock
        self.pause = pause
    }

    /// A budget on the machine's monotonic clock, with bursts of a tenth of a second.
    public convenience init(bytesPerSecond: UInt64) {
        self.init(
            TokenBucket(bytesPerSecond: bytesPerSecond, burstBytes: bytesPerSecond / 10),
            clock: MonotonicClock.nanoseconds, pause: MonotonicClock.pause)
    }

    /// Blocks until `bytes` may be read.
    ///
    /// - Throws: `.cancelled` as soon as `cancellation` is raised.
    func wait(forBytes bytes: Int, cancellation: CancellationFlag?) throws(FileFault) {
        var rest = bucket.withLock { $0.take(bytes: bytes, now: clock()) }
        while rest > 0 {
            try cancellation?.check(.hash)
            let step = min(rest, Self.pauseMax)
            pause(step)
            rest -= step
        }
    }
}

enum MonotonicClock {
    @Sendable static func nanoseconds() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    @Sendable static func pause(_ nanoseconds: UInt64) {
        var rest = timespec(tv_sec: Int(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
        var left = timespec()
        while nanosleep(&rest, &left) == -1 && errno == EINTR { rest = left }
    }
}
