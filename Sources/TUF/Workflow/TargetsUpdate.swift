/// The last step of an update: what targets there are (TUF 5.6.1 to 5.6.6).
public struct TargetsUpdate: Sendable {
    private let state: UpdateState
    private let timestamp: TimestampMetadata
    private let snapshot: SnapshotMetadata
    private let file: MetadataFile
    private var trusted: TargetsMetadata?

    init(_ state: UpdateState, timestamp: TimestampMetadata, snapshot: SnapshotMetadata, file: MetadataFile) {
        self.state = state
        self.timestamp = timestamp
        self.snapshot = snapshot
        self.file = file
    }

    /// `nil` when what was remembered is what the snapshot names.
    public var request: MetadataRequest? {
        trusted == nil ? state.request(.targets, file) : nil
    }

    /// Takes what an earlier update kept if it passes all checks.
    public mutating func remember(_ kept: [UInt8]) {
        trusted = try? checked(kept)
    }

    /// Trusts the file that was requested. It is to be kept at once (TUF 5.6.6).
    public mutating func adopt(_ bytes: [UInt8]) throws(TUFRefusal) {
        trusted = try checked(bytes)
    }

    public func finished() throws(TUFRefusal) -> TrustedMetadata {
        guard let trusted else { throw TUFRefusal(.targets, .absent) }
        return TrustedMetadata(state, timestamp: timestamp, snapshot: snapshot, targets: trusted)
    }

    private func checked(_ bytes: [UInt8]) throws(TUFRefusal) -> TargetsMetadata {
        // TUF 5.6.2.
        if let reason = file.refusal(of: bytes) { throw TUFRefusal(.targets, reason) }
        // TUF 5.6.3.
        let new = try state.verified(TargetsMetadata.self, .targets, bytes)
        // TUF 5.6.4.
        guard new.header.version == file.version else {
            throw TUFRefusal(.targets, .versionMismatch(expected: file.version, found: new.header.version))
        }
        // TUF 5.6.5.
        try new.requireUnexpired(.targets, at: state.now)
        return new
    }
}
