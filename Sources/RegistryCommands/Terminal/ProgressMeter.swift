internal import Synchronization

/// Draws a progress line on a terminal, and nothing anywhere else.
///
/// May be told of progress from any thread and as often as progress is made; draws at most ten times a second.
package final class ProgressMeter: Sendable {
    private struct State {
        var line: ProgressLine
        var window = RateWindow()
        var drawnAt: Duration?
        var isDrawn = false
    }

    private let console: Console
    private let now: @Sendable () -> Duration
    private let state: Mutex<State>

    package init(
        _ title: String, _ unit: ProgressLine.Unit, total: UInt64?, console: Console,
        now: @escaping @Sendable () -> Duration
    ) {
        self.console = console
        self.now = now
        state = Mutex(State(line: ProgressLine(title: title, unit: unit, done: 0, total: total)))
    }

    /// `done` of the total have been done.
    package func update(_ done: UInt64) {
        guard let width = console.progressWidth else { return }
        let time = now()
        let text: String? = state.withLock { state in
            state.line.done = done
            state.window.add(done, at: time)
            if let drawnAt = state.drawnAt, time - drawnAt < Self.interval { return nil }
            state.drawnAt = time
            state.isDrawn = true
            state.line.rate = state.window.rate(done, at: time)
            return state.line.text(width: width - 1)
        }
        if let text { console.draw("\r\(text)\u{1B}[K") }
    }

    /// What is done is something else from now on: another title, total and rate, unless they are the same.
    package func update(_ done: UInt64, of total: UInt64?, _ title: String) {
        state.withLock { state in
            guard state.line.title != title || state.line.total != total else { return }
            state.line.title = title
            state.line.total = total
            state.window = RateWindow()
            // A phase that is new is shown at once.
            state.drawnAt = nil
        }
        update(done)
    }

    /// One more of the total has been done.
    package func advance() {
        update(state.withLock { $0.line.done + 1 })
    }

    /// Removes the line.
    package func finish() {
        let wasDrawn = state.withLock { state in
            defer { state.isDrawn = false }
            return state.isDrawn
        }
        if wasDrawn { console.draw("\r\u{1B}[K") }
    }

    private static let interval = Duration.milliseconds(100)
}
