import Foundation

/// How long the fault tests run, and what they choose.
enum FaultRounds {
    /// How many times as much is tried as in a short run: `PRATIQUE_FAULT_ROUNDS`, 1 without.
    static let factor: Int = number("PRATIQUE_FAULT_ROUNDS").map { max(1, $0) } ?? 1

    /// What choices are made from: `PRATIQUE_FAULT_SEED`, another one in each run without. A failure names it.
    static let seed: UInt64 = {
        let seed = number("PRATIQUE_FAULT_SEED").map { UInt64(bitPattern: Int64($0)) } ?? .random(in: 1...999_999)
        FileHandle.standardError.write(Data("fault tests: PRATIQUE_FAULT_SEED=\(seed)\n".utf8))
        return seed
    }()

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    /// Some of `1...last`, at equal distances, beginning at a place that the seed chooses; all of them when they are
    /// not more than may be tried.
    static func spread(over last: Int, atMost count: Int) -> [Int] {
        let step = max(1, (last + count * factor - 1) / (count * factor))
        return Array(stride(from: 1 + Int(seed % UInt64(step)), through: last, by: step))
    }
}

/// Random numbers that come again with the same seed.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// - Parameter purpose: tests that share the run's seed choose differently.
    init(_ purpose: Int, seed: UInt64 = FaultRounds.seed) {
        state = seed &* 0x9E37_79B9_7F4A_7C15 &+ UInt64(bitPattern: Int64(purpose)) &+ 1
    }

    mutating func next() -> UInt64 {
        // SplitMix64.
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
