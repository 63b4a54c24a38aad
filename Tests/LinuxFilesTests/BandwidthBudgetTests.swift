import FileTestSupport
import LinuxFiles
import Testing

@Suite("Bandwidth budgets")
struct BandwidthBudgetTests {
    private static let second: UInt64 = 1_000_000_000

    @Test("After the burst, bytes come at the rate")
    func keepsRate() {
        var bucket = TokenBucket(bytesPerSecond: 1_000, burstBytes: 500)
        #expect(bucket.take(bytes: 500, now: 10 * Self.second) == 0)
        #expect(bucket.take(bytes: 1_000, now: 10 * Self.second) == Self.second)
        #expect(bucket.take(bytes: 1_000, now: 11 * Self.second) == Self.second)
        // A pause of an hour earns one burst, not an hour's worth.
        #expect(bucket.take(bytes: 500, now: 3_600 * Self.second) == 0)
        #expect(bucket.take(bytes: 1, now: 3_600 * Self.second) == Self.second / 1_000)
    }

    @Test("A piece larger than the bucket is let through and paid for afterwards")
    func largePieces() {
        var bucket = TokenBucket(bytesPerSecond: 100, burstBytes: 10)
        #expect(bucket.take(bytes: 1_010, now: 0) == 10 * Self.second)
        #expect(bucket.take(bytes: .max, now: 0) <= 86_400 * Self.second)
    }

    @Test("A pass over a file waits as long as its budget says")
    func passWaits() throws {
        let scratch = try ScratchDirectory()
        try scratch.write(patternedBytes(3 << 20), as: "file")
        let time = SharedCount()
        var request = HashRequest()
        request.budget = BandwidthBudget(
            TokenBucket(bytesPerSecond: 1 << 20, burstBytes: 0), clock: { UInt64(time.value) },
            pause: { time.add(Int($0)) })
        _ = try HashPass.run(over: scratch.directory.openFile("file"), request)
        #expect(UInt64(time.value) == 3 * Self.second)
    }
}
