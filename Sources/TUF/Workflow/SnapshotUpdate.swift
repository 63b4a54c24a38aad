/// The third step of an update: which versions belong together (TUF 5.5).
public struct SnapshotUpdate: Sendable {
    private let state: UpdateState
    private let timestamp: TimestampMetadata
    /// The one that must not be gone back behind, whatever its age.
    private var remembered: SnapshotMetadata?
    private var trusted: SnapshotMetadata?

    init(_ state: UpdateState, timestamp: TimestampMetadata) {
        self.state = state
        self.timestamp = timestamp
    }

    /// `nil` when what was remembered is what the timestamp names.
    public var request: MetadataRequest? {
        trusted == nil ? state.request(.snapshot, timestamp.snapshot) : nil
    }

    /// Remembers what an earlier update kept, as `TimestampUpdate.remember`.
    public mutating func remember(_ kept: [UInt8]) {
        remembered = try? state.verified(SnapshotMetadata.self, .snapshot, kept)
        guard let remembered, remembered.header.version == timestamp.snapshot.version,
            timestamp.snapshot.refusal(of: kept) == nil, remembered.header.expires > state.now
        else { return }
        trusted = remembered
    }

    /// Trusts the file that was requested. It is to be kept at once (TUF 5.5.7).
    public mutating func adopt(_ bytes: [UInt8]) throws(TUFRefusal) {
        // TUF 5.5.2.
        if let reason = timestamp.snapshot.refusal(of: bytes) { throw TUFRefusal(.snapshot, reason) }
        // TUF 5.5.3.
        let new = try state.verified(SnapshotMetadata.self, .snapshot, bytes)
        // TUF 5.5.4.
        guard new.header.version == timestamp.snapshot.version else {
            throw TUFRefusal(
                .snapshot, .versionMismatch(expected: timestamp.snapshot.version, found: new.header.version))
        }
        // TUF 5.5.5.
        if let remembered { try new.requireNoRollback(from: remembered) }
        // TUF 5.5.6.
        try new.requireUnexpired(.snapshot, at: state.now)
        trusted = new
    }

    public func finished() throws(TUFRefusal) -> TargetsUpdate {
        guard let trusted else { throw TUFRefusal(.snapshot, .absent) }
        guard let file = trusted.files[.targets] else { throw TUFRefusal(.targets, .notListed) }
        return TargetsUpdate(state, timestamp: timestamp, snapshot: trusted, file: file)
    }
}
