/// Where an artifact version stands. Bytes go to runtimes in `trusted` alone.
public enum ArtifactState: String, Sendable, Hashable, CaseIterable {
    /// Received, not yet inspected.
    case acquired
    /// Being inspected, found wanting, or failed an integrity check.
    case quarantined
    /// Admitted by policy.
    case trusted
    /// Withdrawn.
    case revoked
    /// Record and history stay; the bytes may be collected.
    case deleted

    /// Whether the registry still keeps the bytes for it.
    public var keepsBytes: Bool { self != .deleted }
}
