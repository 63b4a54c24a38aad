import Glibc
public import RegistryCore
public import RegistryPorts

/// The machine's time of day.
public struct SystemClock: WallClock {
    public init() {}

    public func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(clamping: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}

/// The kernel's random numbers.
public struct SystemEntropy: Entropy {
    public init() {}

    public func bytes(_ count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        // The kernel is asked once for eight bytes.
        var words: [UInt64] = []
        while words.count * 8 < count { words.append(generator.next()) }
        return words.withUnsafeBytes { Array($0.prefix(count)) }
    }
}
