public import OCI
public import RegistryPorts
import Synchronization

/// What happens to blobs behind the registry's back.
extension MemoryBlobStore {
    public var count: Int { state.withLock { $0.blobs.count } }

    public func contains(_ digest: Digest) -> Bool { state.withLock { $0.blobs[digest] != nil } }

    /// How often a blob was read whole.
    public func reads(of digest: Digest) -> Int { state.withLock { $0.reads[digest] ?? 0 } }

    /// Somebody writes into the file: its times change.
    public func damage(_ digest: Digest, at offset: Int = 0) {
        change(digest) { blob, time in
            blob.bytes[offset] ^= 1
            blob.modified = time
            blob.changed = time
        }
    }

    /// Somebody puts something else beside the blob.
    public func putReceipt(_ receipt: [UInt8], beside digest: Digest) {
        change(digest) { blob, _ in blob.receipt = receipt }
    }

    /// The disk forgets a bit and says nothing.
    public func rot(_ digest: Digest, at offset: Int = 0) {
        change(digest) { blob, _ in blob.bytes[offset] ^= 1 }
    }

    public func truncate(_ digest: Digest) {
        change(digest) { blob, time in
            blob.bytes.removeLast()
            blob.modified = time
            blob.changed = time
        }
    }

    /// The file is gone, and nobody removed it.
    public func lose(_ digest: Digest) {
        state.withLock { _ = $0.blobs.removeValue(forKey: digest) }
    }

    /// Somebody gives the file one more name.
    public func linkElsewhere(_ digest: Digest) {
        change(digest) { blob, time in
            blob.links += 1
            blob.changed = time
        }
    }

    /// That name is gone again.
    public func unlinkElsewhere(_ digest: Digest) {
        change(digest) { blob, time in
            blob.links -= 1
            blob.changed = time
        }
    }

    /// A directory stands where the file was.
    public func replaceByDirectory(_ digest: Digest) {
        change(digest) { blob, time in
            blob.isRegular = false
            blob.changed = time
        }
    }

    /// Bytes under their digest that no version uses, as a crash between keeping and committing leaves them.
    public func plant(_ bytes: [UInt8]) throws -> Digest {
        let digest = try Digest(hashing: bytes)
        state.withLock { state in
            state.nextInode += 1
            let time = state.tick()
            state.blobs[digest] = Blob(bytes: bytes, inode: state.nextInode, modified: time, changed: time)
        }
        return digest
    }

    public func fail(_ step: Step, _ fault: StorageFault?) {
        state.withLock { $0.faults[step] = fault }
    }

    /// How many bytes fit.
    public func limit(toBytes capacity: UInt64) {
        state.withLock { $0.capacity = capacity }
    }

    public func leaveStaging(bytes: UInt64) {
        state.withLock { $0.leftoverBytes = bytes }
    }

    private func change(_ digest: Digest, _ body: (inout Blob, Int64) -> Void) {
        state.withLock { state in
            guard var blob = state.blobs[digest] else { return }
            body(&blob, state.tick())
            state.blobs[digest] = blob
        }
    }
}

/// What a view does to blobs.
extension MemoryBlobStore {
    /// - Returns: the inode, `nil` when there is no such blob.
    func link(_ digest: Digest) -> UInt64? {
        change(digest) { blob, time in
            blob.links += 1
            blob.changed = time
        }
        return inode(of: digest)
    }

    func unlink(_ digest: Digest, inode: UInt64) {
        guard self.inode(of: digest) == inode else { return }
        change(digest) { blob, time in
            blob.links -= 1
            blob.changed = time
        }
    }

    func links(of digest: Digest) -> UInt64 {
        state.withLock { $0.blobs[digest]?.links ?? 0 }
    }

    func inode(of digest: Digest) -> UInt64? {
        state.withLock { $0.blobs[digest]?.inode }
    }
}
