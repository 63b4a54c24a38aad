public import RegistryCore

/// The time of day. Expiry and history use this, and nothing else asks the system.
public protocol WallClock: Sendable {
    func now() -> Timestamp
}

/// Bytes that nobody can guess.
public protocol Entropy: Sendable {
    func bytes(_ count: Int) -> [UInt8]
}
