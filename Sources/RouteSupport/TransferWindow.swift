/// Whether bytes move fast enough between us and a client, judged over a window at a time.
///
/// Times are nanoseconds of one clock that does not go back.
package struct TransferWindow {
    /// What a client has to take or send in each second, on average over a window.
    package static let bytesPerSecondMin: UInt64 = 1_024

    private let start: UInt64
    private let movedBefore: UInt64
    private let waitingAtStart: UInt64

    /// - Parameters:
    ///   - moved: bytes that have moved so far.
    ///   - waiting: bytes that wait for the client to take them.
    package init(at time: UInt64, moved: UInt64, waiting: UInt64 = .max) {
        start = time
        movedBefore = moved
        waitingAtStart = waiting
    }

    package func elapsed(at time: UInt64) -> UInt64 {
        time - min(start, time)
    }

    /// - Parameter waited: how long it was the client's turn, within the window.
    package func isEnough(moved: UInt64, waited: UInt64) -> Bool {
        // Milliseconds: nanoseconds times bytes could overflow.
        let demanded = waited / 1_000_000 * Self.bytesPerSecondMin / 1_000
        // An answer that comes in small pieces is no slow client: whoever took what waited has done enough.
        return moved - min(movedBefore, moved) >= min(demanded, waitingAtStart)
    }
}
