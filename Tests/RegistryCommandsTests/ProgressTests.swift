import RegistryCommands
import Synchronization
import Testing

@Suite("Quantities")
struct QuantitiesTests {
    @Test(
        "Bytes have three digits and a unit",
        arguments: [
            (0, "0 B"), (999, "999 B"), (1_000, "1.00 kB"), (4_692, "4.69 kB"), (46_920, "46.9 kB"),
            (469_200, "469 kB"),
            (999_999, "999 kB"), (1_000_000, "1.00 MB"), (40_000_000_000, "40.0 GB"), (UInt64.max, "18.4 EB"),
        ] as [(UInt64, String)])
    func bytes(count: UInt64, text: String) {
        #expect(Quantities.bytes(count) == text)
    }

    @Test(
        "Parameters are counted as people say them",
        arguments: [
            (0, "0"), (999, "999"), (46_920, "46.9k"), (596_049_920, "596M"), (8_030_261_248, "8.03B"),
            (1_040_000_000_000, "1.04T"), (UInt64.max, "18446744T"),
        ] as [(UInt64, String)])
    func parameters(count: UInt64, text: String) {
        #expect(Quantities.parameters(count) == text)
    }

    @Test(
        "Durations", arguments: [(0, "0:00"), (42, "0:42"), (725, "12:05"), (3_909, "1:05:09")] as [(UInt64, String)])
    func durations(seconds: UInt64, text: String) {
        #expect(Quantities.duration(seconds: seconds) == text)
    }

    @Test(
        "Times lose their fraction, other texts nothing",
        arguments: [
            ("2026-11-21T10:48:13.000Z", "2026-11-21T10:48:13Z"), ("2026-11-21T10:48:13Z", "2026-11-21T10:48:13Z"),
            ("yesterday.", "yesterday."),
        ])
    func times(text: String, expected: String) {
        #expect(Quantities.time(text) == expected)
    }
}

@Suite("Progress line")
struct ProgressLineTests {
    @Test("A line says share, amount, rate and time left")
    func full() {
        let line = ProgressLine(
            title: "sending a.gguf", unit: .bytes, done: 500_000_000, total: 1_000_000_000, rate: 1e8)
        #expect(
            line.text(width: 80)
                == "sending a.gguf  [=============              ]   50%  500 MB  100 MB/s  0:05 left")
    }

    @Test("No line is wider than the terminal", arguments: [1, 10, 20, 30, 40, 60, 79, 80, 200])
    func widths(width: Int) {
        for total in [nil, 0, 7, UInt64.max] as [UInt64?] {
            for rate in [nil, 0, 1e-9, 5, 1e18] as [Double?] {
                let title = "sending \u{1B}[2J" + String(repeating: "模", count: 40)
                let line = ProgressLine(title: title, unit: .bytes, done: 9, total: total, rate: rate)
                #expect(TerminalText.width(line.text(width: width)) <= width)
            }
        }
    }

    @Test("Without a total there is neither share nor bar")
    func openEnded() {
        let line = ProgressLine(title: "verifying", unit: .items("artifacts"), done: 12, total: nil, rate: 3)
        #expect(line.text(width: 80) == "verifying  12 artifacts  3/s")
    }
}

@Suite("Rate window")
struct RateWindowTests {
    @Test("The rate is that of the last seconds")
    func recent() throws {
        var window = RateWindow()
        for second in 0..<100 { window.add(UInt64(second * 10), at: .seconds(second)) }
        let steady = try #require(window.rate(990, at: .seconds(99)))
        #expect(abs(steady - 10) < 0.01)
        let stalled = try #require(window.rate(990, at: .seconds(139)))
        #expect(stalled < 4)
    }

    @Test("Going back starts anew, and too little time says nothing")
    func restart() {
        var window = RateWindow()
        window.add(1_000_000, at: .seconds(1))
        window.add(0, at: .seconds(10))
        #expect(window.rate(0, at: .seconds(10)) == nil)
        #expect(window.rate(10, at: .seconds(11)) == 10)
    }
}

@Suite("Progress meter")
struct ProgressMeterTests {
    private func draw(progressWidth: Int?, _ use: (ProgressMeter, Capture) -> Void) -> String {
        let capture = Capture()
        let meter = ProgressMeter(
            "sending", .bytes, total: 100, console: capture.console(progressWidth: progressWidth),
            now: { capture.time.withLock { $0 } })
        use(meter, capture)
        return capture.err
    }

    @Test("On a terminal it is drawn at most ten times a second and removed at the end")
    func terminal() {
        let text = draw(progressWidth: 80) { meter, capture in
            for step in 0..<100 {
                capture.time.withLock { $0 = .milliseconds(step * 10) }
                meter.update(UInt64(step))
            }
            meter.finish()
        }
        #expect(text.split(separator: "\r").count == 11)
        #expect(text.hasSuffix("\r\u{1B}[K"))
    }

    @Test("Piped, it writes nothing")
    func piped() {
        let text = draw(progressWidth: nil) { meter, _ in
            meter.update(50)
            meter.finish()
        }
        #expect(text.isEmpty)
    }
}
