public import RegistryPorts
import Synchronization

/// Bytes that are the same in every run.
public final class FixedEntropy: Entropy, Sendable {
    private let generator: Mutex<SeededGenerator>

    public init(seed: UInt64 = 1) {
        generator = Mutex(SeededGenerator(seed: seed))
    }

    public func bytes(_ count: Int) -> [UInt8] {
        generator.withLock { generator in (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) } }
    }
}
