/// The first step of an update: from the root that is trusted to the newest one (TUF 5.2, 5.3).
///
/// An update goes through `RootUpdate`, `TimestampUpdate`, `SnapshotUpdate` and `TargetsUpdate` to `TrustedMetadata`.
/// Each of them can be had from the one before only, which hands it out once all its checks are passed; so no check
/// can be left out and none can come too early. None of them does I/O: they name the file that they need, and are given
/// its bytes.
public struct RootUpdate: Sendable {
    private let limits: TUFLimits
    private var root: RootMetadata
    private var rotations = 0

    /// - Parameter initial: the root that somebody vouches for. Its expiry does not matter (TUF 5.2), its signatures
    ///   do: a file that is not by itself what it should be is no anchor.
    public init(trusting initial: [UInt8], limits: TUFLimits = .standard) throws(TUFRefusal) {
        self.limits = limits
        let unverified = try UnverifiedMetadata(parsing: initial, as: .root, limits: limits)
        root = try unverified.content(RootMetadata.self, limits: limits)
        try root.verify(unverified)
    }

    /// The version that is trusted by now.
    public var version: UInt64 { root.header.version }

    /// The next root (TUF 5.3.3); `nil` after as many as one update takes.
    public var request: MetadataRequest? {
        let (next, overflow) = version.addingReportingOverflow(1)
        guard rotations < limits.rootRotationsMax, !overflow else { return nil }
        return MetadataRequest(role: .root, version: next, bytesMax: limits.rootBytesMax)
    }

    /// Trusts the file that was requested. It is to be kept at once, also if a later step fails (TUF 5.3.8).
    public mutating func adopt(_ bytes: [UInt8]) throws(TUFRefusal) {
        guard let expected = request?.version else { throw TUFRefusal(.root, .absent) }
        try rotate(to: bytes, version: expected)
        rotations += 1
    }

    /// Trusts the next root as an earlier update kept it, if it passes all checks. It does not count as a new one.
    ///
    /// - Returns: whether it does.
    public mutating func remember(_ kept: [UInt8]) -> Bool {
        let (next, overflow) = version.addingReportingOverflow(1)
        guard !overflow else { return false }
        do throws(TUFRefusal) { try rotate(to: kept, version: next) } catch { return false }
        return true
    }

    private mutating func rotate(to bytes: [UInt8], version expected: UInt64) throws(TUFRefusal) {
        let unverified = try UnverifiedMetadata(parsing: bytes, as: .root, limits: limits)
        // TUF 5.3.4: by those who were trusted, and by those who will be.
        try root.verify(unverified)
        let next = try unverified.content(RootMetadata.self, limits: limits)
        try next.verify(unverified)
        // TUF 5.3.5.
        guard next.header.version == expected else {
            throw TUFRefusal(.root, .versionMismatch(expected: expected, found: next.header.version))
        }
        root = next
    }

    /// Goes on once the repository has no newer root.
    ///
    /// - Parameter now: the time of the whole update (TUF 5.1), never earlier than that of an update before.
    public func finished(at now: MetadataTime) throws(TUFRefusal) -> TimestampUpdate {
        // TUF 5.3.10.
        try root.requireUnexpired(.root, at: now)
        return TimestampUpdate(UpdateState(limits: limits, now: now, root: root))
    }
}

/// What later steps need of earlier ones.
struct UpdateState: Sendable {
    let limits: TUFLimits
    let now: MetadataTime
    let root: RootMetadata

    /// Metadata of one of the four roles, signed as root says.
    func verified<Content: MetadataContent>(
        _ type: Content.Type, _ role: RoleName, _ bytes: [UInt8]
    ) throws(TUFRefusal) -> Content {
        let unverified = try UnverifiedMetadata(parsing: bytes, as: role, limits: limits)
        try root.verify(unverified)
        return try unverified.content(Content.self, limits: limits)
    }

    /// A file by its version where the repository has consistent snapshots (TUF 6.2).
    func request(_ role: RoleName, _ file: MetadataFile) -> MetadataRequest {
        MetadataRequest(
            role: role, version: root.hasConsistentSnapshots ? file.version : nil,
            bytesMax: file.bytesMax(limits.bytesMax(role)))
    }
}
