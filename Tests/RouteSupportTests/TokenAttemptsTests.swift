import RouteSupport
import Synchronization
import Testing

@Suite("Wrong tokens")
struct TokenAttemptsTests {
    /// A clock that moves when it is told to, and what was heard.
    private final class Scene: Sendable {
        private let time = Mutex(ContinuousClock.now)
        private let heard = Mutex<[(source: String, isLast: Bool)]>([])

        var failures: Int { heard.withLock { $0.count } }
        var bursts: [String] { heard.withLock { $0.filter(\.isLast).map(\.source) } }

        func advance(_ duration: Duration) { time.withLock { $0 += duration } }

        func attempts(_ failuresMax: Int = 3) -> TokenAttempts {
            TokenAttempts(
                failuresMax: failuresMax, now: { self.time.withLock { $0 } },
                onFailure: { source, isLast in self.heard.withLock { $0.append((source, isLast)) } })
        }
    }

    @Test("Too many within a minute make an address wait for a minute, told once; others do not")
    func burst() {
        let scene = Scene()
        let attempts = scene.attempts()
        for _ in 0..<2 {
            attempts.failed("10.0.0.1")
            #expect(attempts.secondsToWait("10.0.0.1") == nil)
        }
        attempts.failed("10.0.0.1")
        #expect(attempts.secondsToWait("10.0.0.1") == 61)
        #expect(attempts.secondsToWait("10.0.0.2") == nil)
        scene.advance(.milliseconds(59_500))
        #expect(attempts.secondsToWait("10.0.0.1") == 1)
        scene.advance(.milliseconds(500))
        #expect(attempts.secondsToWait("10.0.0.1") == nil)
        #expect(scene.bursts == ["10.0.0.1"])
        #expect(scene.failures == 3)
        // The next burst has to be as large as the first.
        for _ in 0..<2 { attempts.failed("10.0.0.1") }
        #expect(attempts.secondsToWait("10.0.0.1") == nil)
        attempts.failed("10.0.0.1")
        #expect(scene.bursts.count == 2)
    }

    @Test("Failures that are far apart do not add up")
    func farApart() {
        let scene = Scene()
        let attempts = scene.attempts()
        for _ in 0..<20 {
            attempts.failed("10.0.0.1")
            attempts.failed("10.0.0.1")
            scene.advance(TokenAttempts.window)
        }
        #expect(scene.bursts.isEmpty)
    }

    @Test("No limit makes nobody wait")
    func noLimit() {
        let scene = Scene()
        let attempts = scene.attempts(0)
        for _ in 0..<100 { attempts.failed("10.0.0.1") }
        #expect(attempts.secondsToWait("10.0.0.1") == nil)
        #expect(scene.failures == 100)
    }

    @Test(
        "IPv6 addresses of one network count together",
        arguments: [
            ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true), ("2001:db8:1:2::1", "2001:db8:1:3::1", false),
            ("::1", "::2", true), ("2001:db8::1", "2001:db8:0:0:1::", true), ("fe80::1%eth0", "fe80::2%eth1", true),
            ("2001:db8::1", "2001:db8:0:1::1", false), ("::ffff:10.0.0.1", "::ffff:10.0.0.2", false),
            ("10.0.0.1", "10.0.0.2", false),
        ])
    func networks(first: String, second: String, areOne: Bool) {
        let attempts = Scene().attempts(1)
        attempts.failed(first)
        #expect((attempts.secondsToWait(second) != nil) == areOne)
    }

    @Test("More addresses than are remembered push out the oldest, and those that wait are the last to go")
    func bounded() {
        let scene = Scene()
        let attempts = scene.attempts()
        for _ in 0..<3 { attempts.failed("10.0.0.1") }
        scene.advance(.seconds(1))
        for number in 0..<TokenAttempts.sourcesMax - 1 { attempts.failed("host-\(number)") }
        #expect(attempts.secondsToWait("10.0.0.1") != nil)
        scene.advance(.seconds(1))
        attempts.failed("one-more")
        #expect(attempts.secondsToWait("10.0.0.1") == nil)
        #expect(scene.bursts == ["10.0.0.1"])
    }
}
