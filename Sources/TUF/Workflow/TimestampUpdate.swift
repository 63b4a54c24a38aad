/// The second step of an update: which snapshot is the newest (TUF 5.4).
public struct TimestampUpdate: Sendable {
    private let state: UpdateState
    private var trusted: TimestampMetadata?

    init(_ state: UpdateState) {
        self.state = state
    }

    public var request: MetadataRequest {
        MetadataRequest(role: .timestamp, version: nil, bytesMax: state.limits.timestampBytesMax)
    }

    /// Remembers what an earlier update kept.
    ///
    /// What the keys of the root that is trusted now did not sign is forgotten: so a repository recovers after somebody
    /// who had an old key raised its versions (TUF 5.3.11). It may have expired; it still holds what must not go back.
    public mutating func remember(_ kept: [UInt8]) {
        trusted = try? state.verified(TimestampMetadata.self, .timestamp, kept)
    }

    /// Trusts the file that was requested.
    ///
    /// - Returns: whether it is new and to be kept. One of the version that is trusted already is put aside, whatever
    ///   it holds (TUF 5.4.3.1).
    public mutating func adopt(_ bytes: [UInt8]) throws(TUFRefusal) -> Bool {
        // TUF 5.4.2.
        let new = try state.verified(TimestampMetadata.self, .timestamp, bytes)
        if let trusted {
            guard new.header.version != trusted.header.version else { return false }
            guard new.header.version > trusted.header.version else {
                throw TUFRefusal(
                    .timestamp,
                    .rollback(of: .timestamp, trusted: trusted.header.version, found: new.header.version))
            }
            // TUF 5.4.3.2.
            guard new.snapshot.version >= trusted.snapshot.version else {
                throw TUFRefusal(
                    .timestamp,
                    .rollback(of: .snapshot, trusted: trusted.snapshot.version, found: new.snapshot.version))
            }
        }
        // TUF 5.4.4: what has expired is not kept.
        try new.requireUnexpired(.timestamp, at: state.now)
        trusted = new
        return true
    }

    /// Goes on, without a repository if what was remembered still holds.
    public func finished() throws(TUFRefusal) -> SnapshotUpdate {
        guard let trusted else { throw TUFRefusal(.timestamp, .absent) }
        try trusted.requireUnexpired(.timestamp, at: state.now)
        return SnapshotUpdate(state, timestamp: trusted)
    }
}
