import LinuxFiles
import OCI
public import RegistryPorts

extension FilesystemBlobStore {
    public func stage(
        _ source: any LocalFile, progress: (any ProgressSink)?
    ) async throws(StorageFault) -> any StagedBlob {
        try await pool.runCancellable { flag throws(StorageFault) in
            let from = try Self.opened(source)
            return try storing { () throws(FileFault) in
                try stageNow(from, try HashRequest([], progress, flag))
            }
        }
    }

    private static func opened(_ source: any LocalFile) throws(StorageFault) -> FileDescriptor {
        do {
            return try source.withDescriptor { number in try FileDescriptor(duplicating: number) }
        } catch let fault as FileFault {
            throw StorageFault(fault)
        } catch {
            throw .unavailable(reason: "\(error)")
        }
    }

    private func stageNow(_ from: FileDescriptor, _ hashing: HashRequest) throws(FileFault) -> StagedBytes {
        let before = try from.identity()
        let staged = try StagedFile(in: store.staging.directory, permissions: 0o444)
        if try shareBlocks(of: from, with: staged) {
            // The blocks were shared in one step; what is written to the source from now on is not in them.
            guard try from.identity().hasSameContentStamp(as: before) else { throw FileFault(.copy, .changed) }
            return try StagedBytes(staged, digest: nil, isCold: true)
        }
        try store.requireRoom(for: UInt64(clamping: before.size))
        var request = hashing
        request.copy = staged.descriptor
        let result = try HashPass.run(over: from, request)
        guard let digest = try? Digest(sha256: result.digest) else { throw FileFault(.hash, .other) }
        return try StagedBytes(staged, digest: digest)
    }

    /// - Returns: false where the file systems cannot share blocks, so that the bytes have to be copied.
    private func shareBlocks(of source: FileDescriptor, with staged: StagedFile) throws(FileFault) -> Bool {
        do throws(FileFault) {
            try staged.descriptor.shareBlocks(of: source)
            return true
        } catch {
            switch error.kind {
            // Another file system (EXDEV), one without the call, or a file that it cannot do it for.
            case .escapes, .unsupported, .permission, .busy, .other: return false
            default: throw error
            }
        }
    }
}
