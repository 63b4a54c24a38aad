import RegistryCore
import Synchronization

/// Numbers that may be used once, for as long as what they stand in counts.
final class NonceMemory: Sendable {
    /// More that still count are refused rather than forgotten.
    static let countMax = 65_536

    /// When each stops to matter, in seconds since 1970.
    private let used = Mutex<[String: Int64]>([:])

    /// - Parameter until: from when on nothing with this nonce is accepted anyway.
    /// - Returns: whether it is used for the first time.
    /// - Throws: `.overloaded`.
    func use(_ nonce: String, until: Int64, now: Int64) throws(RegistryError) -> Bool {
        try used.withLock { used throws(RegistryError) in
            guard used[nonce] == nil else { return false }
            if used.count >= Self.countMax {
                used = used.filter { $0.value > now }
                guard used.count < Self.countMax else {
                    throw RegistryError(.overloaded, "Too many tokens are asked for.")
                }
            }
            used[nonce] = until
            return true
        }
    }
}
