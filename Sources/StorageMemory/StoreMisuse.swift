public import OCI
public import RegistryCore

/// What no correct caller does. The store refuses it, and remembers it for the test to find.
public enum StoreMisuse: Sendable, Hashable {
    /// After a failed sync the process must stop.
    case writeAfterFailedSync
    /// A leaf was not appended at the end of the log.
    case appendOutOfOrder(index: UInt64, size: UInt64)
    /// The hashes of a leaf, or the head after it, are not those of its bytes.
    case wrongHashes(index: UInt64)
    /// An older record was put over a newer one.
    case recordWentBack(ArtifactKey, from: UInt64, to: UInt64)
    /// A version was put, or pointed at, under another name than its own.
    case recordRenamed(ArtifactKey, from: ArtifactName, to: ArtifactName)
    /// A version was said to consist of something else than before.
    case usesChanged(ArtifactKey)
    /// A document was put under a digest that is not its own.
    case wrongDigest(Digest)
    /// A commit left a name pointing at a version that has no record.
    case nameWithoutRecord(ArtifactName)
    /// A commit left blobs in use by a version that has no record.
    case usesWithoutRecord(ArtifactKey)
    /// A commit left a record whose newest event is not in the log.
    case recordBeyondLog(ArtifactKey, headIndex: UInt64)
}
