import OCI
import RegistryCore
import RegistryPorts

/// Finds the bytes of what a boot list names: among the blobs, where a registry that lost its metadata still has them,
/// or beneath the registry's directory.
struct BootBytes: Sendable {
    let blobs: any BlobStore

    /// - Returns: an order that hashes everything it takes in; `nil` when neither place can have it.
    func order(for entry: BootEntry) async throws(RegistryError) -> IntakeOrder {
        var order = IntakeOrder(
            name: entry.name, bytes: .source(entry.path), sha256: entry.sha256, sizeBytes: entry.sizeBytes,
            source: entry.source, sourceRevision: entry.sourceRevision, format: entry.format)
        if !entry.files.isEmpty {
            guard let directory = try await directory(entry) else { return order }
            order.bytes = .opened(.directory(directory), path: entry.path)
        } else if let file = try await open(entry.sha256) {
            order.bytes = .opened(.file(file), path: entry.path)
        }
        return order
    }

    private func directory(_ entry: BootEntry) async throws(RegistryError) -> BlobDirectory? {
        var digests: [RelativePath: Digest] = [:]
        for file in entry.files {
            guard
                try await throughStore({ () async throws(StorageFault) in try await blobs.identity(of: file.digest) })
                    != nil
            else { return nil }
            digests[file.path] = file.digest
        }
        return BlobDirectory(blobs: blobs, digests: digests)
    }

    private func open(_ digest: Digest) async throws(RegistryError) -> (any LocalFile)? {
        try await throughStore { () async throws(StorageFault) in try await blobs.open(digest) }
    }
}

/// A directory whose files are blobs.
private final class BlobDirectory: SourceDirectory {
    let paths: [RelativePath]
    private let blobs: any BlobStore
    private let digests: [RelativePath: Digest]

    init(blobs: any BlobStore, digests: [RelativePath: Digest]) {
        self.blobs = blobs
        self.digests = digests
        paths = digests.keys.sorted()
    }

    func open(_ path: RelativePath) async throws(SourceFault) -> any LocalFile {
        guard let digest = digests[path] else { throw .notFound }
        let file: (any LocalFile)?
        do { file = try await blobs.open(digest) } catch { throw .storage(error) }
        guard let file else { throw .notFound }
        return file
    }
}
