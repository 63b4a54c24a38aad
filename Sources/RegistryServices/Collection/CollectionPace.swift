/// How much a collection does in a second, so that nobody who is served notices it.
public struct CollectionPace: Sendable {
    private let clock: any Clock<Duration>
    private let itemsPerSecond: Double
    private let bytesPerSecond: Double

    /// - Parameters:
    ///   - itemsPerSecond: blobs and versions that are looked at, and files that are removed.
    ///   - bytesPerSecond: sizes of the files that are removed.
    public init(clock: any Clock<Duration>, itemsPerSecond: Double = 2_000, bytesPerSecond: Double = 4e9) {
        self.clock = clock
        self.itemsPerSecond = itemsPerSecond
        self.bytesPerSecond = bytesPerSecond
    }

    /// Waits for as long as so much may take. A caller that is cancelled does not wait.
    func rest(after items: Int, bytes: UInt64 = 0) async {
        try? await clock.sleep(for: .seconds(Double(items) / itemsPerSecond + Double(bytes) / bytesPerSecond))
    }
}
