import ServerFixture
import Testing

// What a test waits for. Nothing tells it, so it looks again and again.
extension RunningRegistry {
    /// - Returns: whether the process ended in this time.
    func ends(within limit: Duration) async -> Bool {
        let end = ContinuousClock.now + limit
        while process.status == nil, ContinuousClock.now < end { await pause() }
        return process.status != nil
    }

    /// Waits until nothing follows any more: a number that counts the server's work does not change for longer than the
    /// server ever waits between two pieces of work.
    func awaitQuiet(_ work: () -> Int) async throws {
        var last = work()
        var since = ContinuousClock.now
        while since.duration(to: .now) < .milliseconds(2_500) {
            await pause()
            let now = work()
            if now != last { (last, since) = (now, .now) }
            guard process.status == nil else { throw FixtureFault("the server ended: \(home.log)") }
        }
    }

    /// Waits until something is so, for half a minute at most.
    func awaits(
        _ comment: String, sourceLocation: SourceLocation = #_sourceLocation, _ isSo: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + .seconds(30)
        while ContinuousClock.now < end {
            if try await isSo() { return }
            await pause()
        }
        Issue.record("\(comment)", sourceLocation: sourceLocation)
    }

    private func pause() async { try? await Task.sleep(for: .milliseconds(5)) }
}
