import LinuxFiles
import OCI
import RegistryPorts

/// A file that is open for reading: a blob, or a source that is being taken in.
final class OpenFile: LocalFile, Sendable {
    let descriptor: FileDescriptor
    let identity: FileIdentity

    init(_ descriptor: FileDescriptor) throws(FileFault) {
        self.descriptor = descriptor
        identity = try descriptor.identity()
    }

    var sizeBytes: UInt64 { UInt64(clamping: identity.size) }

    func withDescriptor<T>(_ body: (Int32) throws -> T) rethrows -> T {
        try descriptor.withNumber(body)
    }
}

/// Bytes of ours without a name in the store.
final class StagedBytes: StagedBlob, Sendable {
    let file: StagedFile
    let sizeBytes: UInt64
    let digestWhileReceiving: Digest?

    init(_ file: StagedFile, sizeBytes: UInt64, digest: Digest?) {
        self.file = file
        self.sizeBytes = sizeBytes
        digestWhileReceiving = digest
    }

    func withDescriptor<T>(_ body: (Int32) throws -> T) rethrows -> T {
        try file.descriptor.withNumber(body)
    }
}

extension BlobIdentity {
    init(_ identity: FileIdentity) {
        self.init(
            device: identity.device, inode: identity.inode, sizeBytes: UInt64(clamping: identity.size),
            modifiedNanoseconds: identity.modified.total, changedNanoseconds: identity.changed.total,
            links: identity.links)
    }
}

extension FileTime {
    /// Nanoseconds since 1970; wraps in the year 2262, where only equality matters.
    fileprivate var total: Int64 { seconds &* 1_000_000_000 &+ nanoseconds }
}

extension Digest {
    /// - Throws: never for what a SHA-256 gives.
    init(stored bytes: [UInt8]) throws(StorageFault) {
        do { try self.init(sha256: bytes) } catch { throw .corrupted(reason: "not a digest") }
    }
}
