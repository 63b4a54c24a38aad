/// The metadata of the four roles after all checks of an update. Only `TargetsUpdate` makes one.
public struct TrustedMetadata: Sendable {
    let state: UpdateState
    public let timestamp: TimestampMetadata
    public let snapshot: SnapshotMetadata
    public let targets: TargetsMetadata

    init(
        _ state: UpdateState, timestamp: TimestampMetadata, snapshot: SnapshotMetadata, targets: TargetsMetadata
    ) {
        self.state = state
        self.timestamp = timestamp
        self.snapshot = snapshot
        self.targets = targets
    }

    public var root: RootMetadata { state.root }

    /// The time by which all of it was checked.
    public var checkedAt: MetadataTime { state.now }

    /// Version and expiry of each role.
    public var headers: [(role: RoleName, header: MetadataHeader)] {
        [
            (.root, root.header), (.timestamp, timestamp.header), (.snapshot, snapshot.header),
            (.targets, targets.header),
        ]
    }

    /// Refuses use after the first of the roles expired. Whoever keeps this value for long asks before each use.
    public func requireUnexpired(at now: MetadataTime) throws(TUFRefusal) {
        let latest = max(now, state.now)
        for (role, header) in headers where header.expires <= latest {
            throw TUFRefusal(role, .expired(at: header.expires, now: latest))
        }
    }

    /// Looks for a target, beginning at the top (TUF 5.6.7).
    public func search(_ path: String) -> TargetSearch {
        TargetSearch(self, path)
    }

    /// Where a target is, relative to where all targets are.
    public func address(of target: TargetFile) throws(TUFRefusal) -> String {
        try target.address(hasHash: root.hasConsistentSnapshots)
    }

    /// How much of a target to read at most.
    ///
    /// - Throws: `.tooLarge` for one that is longer than we take.
    public func bytesMax(of target: TargetFile) throws(TUFRefusal) -> Int {
        guard target.length <= UInt64(state.limits.targetBytesMax) else {
            throw TUFRefusal(target.role, .tooLarge(bytesMax: state.limits.targetBytesMax))
        }
        return Int(target.length)
    }
}
