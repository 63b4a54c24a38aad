public import OCI
public import RegistryCore

/// Blobs that were received and belong to no version yet: collection leaves them alone for as long as their lease is
/// young enough. Outlives the process, so that a set of files may arrive over several starts.
///
/// A lease says nothing about trust, and losing one costs sending a file again.
public protocol LeaseStore: Sendable {
    /// Begins a lease, or begins it anew. When this returns it survives a power cut.
    ///
    /// - Throws: `.full` when there are too many.
    func renew(_ blob: Digest) async throws(StorageFault)

    /// When the lease was begun last; `nil` when there is none.
    func renewal(of blob: Digest) async throws(StorageFault) -> Timestamp?

    /// Ends a lease. Ending one that is not there is not an error, and one may come back after a power cut.
    func end(_ blob: Digest) async throws(StorageFault)

    /// Blobs whose lease was begun before `time`, in no order, at most `limit`.
    func leases(renewedBefore time: Timestamp, limit: Int) async throws(StorageFault) -> [Digest]
}
