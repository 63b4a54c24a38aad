public import OCI

/// What can go wrong in any store, in the words of whoever calls it.
public enum StorageFault: Error, Sendable, Hashable {
    /// No room; nothing was changed. Reading goes on.
    case full
    /// No room besides these bytes, which are kept free so that the log can still be written; nothing was changed.
    case keptFree(bytes: UInt64)
    /// The store does not answer now; nothing was changed as far as it knows. `reason` is for the log only.
    case unavailable(reason: String)
    /// A file has as many names as the file system gives one; nothing was changed.
    case tooManyNames
    /// More work at once than the store takes. Repeat later.
    case overloaded
    /// What was asked for is not there.
    case notFound
    /// The bytes are there and cannot be what they should be. `reason` is for the log only.
    case corrupted(reason: String)
    /// The bytes hash to something else than was announced. Nothing was kept.
    case digestMismatch(actual: Digest)
    /// What was being read or written was changed by somebody else meanwhile.
    case changed
    /// The system could not say that bytes are on the disk. Whoever receives this must stop the process: nobody knows
    /// what a later sync would mean.
    case syncFailed(reason: String)
}
