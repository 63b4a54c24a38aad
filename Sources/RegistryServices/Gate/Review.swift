import OCI
import RegistryCore
import Synchronization

/// Lets reviewers read what is not trusted, and writes down who read which version, publishers too.
///
/// A reader that fetches a version in many requests is written down once an hour.
public final class Review: Sendable {
    private static let rememberedMax = 16_384
    private static let intervalMilliseconds: Int64 = 3_600_000

    private struct Reading: Hashable {
        var actor: Actor
        var repository: RepositoryKey
        var version: Digest
    }

    private let ledger: Ledger
    private let written = Mutex<[Reading: Timestamp]>([:])

    public init(ledger: Ledger) {
        self.ledger = ledger
    }

    /// - Throws: `.notTrusted` for what was deleted; storage faults: what cannot be written down is not read.
    func admit(
        _ record: ArtifactRecord, in repository: RepositoryKey, to reviewer: Caller
    ) async throws(RegistryError) -> ReviewableArtifact {
        guard record.state != .deleted else { throw .notTrusted(record) }
        try await write(record.key.version, in: repository, readBy: reviewer)
        return ReviewableArtifact(reviewed: record, by: reviewer)
    }

    /// Writes down that somebody reads a version that is not trusted.
    ///
    /// - Throws: storage faults: what cannot be written down is not read.
    func write(
        _ version: Digest, in repository: RepositoryKey, readBy reader: Caller
    ) async throws(RegistryError) {
        let reading = Reading(actor: reader.actor, repository: repository, version: version)
        let now = ledger.now()
        let isKnown = written.withLock { written in
            written[reading].map { now.milliseconds - $0.milliseconds < Self.intervalMilliseconds } ?? false
        }
        guard !isKnown else { return }
        try await ledger.write(reader) { entry in
            _ = try entry.append(.reviewed(version: reading.version), to: repository)
        }
        written.withLock { written in
            if written.count >= Self.rememberedMax { written.removeAll(keepingCapacity: true) }
            written[reading] = now
        }
    }

    /// Bytes that somebody received and that no manifest names: nobody else than who may judge them reads them.
    func admitUnnamed(to reviewer: Caller) -> ReviewableArtifact {
        ReviewableArtifact(reviewed: nil, by: reviewer)
    }
}
