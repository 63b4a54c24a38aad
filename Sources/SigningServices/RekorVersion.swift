/// Major version of the interface that a log of signatures has.
public enum RekorVersion: Int64, Sendable, Hashable, CaseIterable {
    /// Its entries have a time, and a promise by which the log signs it.
    case v1 = 1
    /// Somebody else has to say when something was signed.
    case v2 = 2

    /// Whether entries say when they were made, so that no authority has to.
    public var isDated: Bool { self == .v1 }
}
