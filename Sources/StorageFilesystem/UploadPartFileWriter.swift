import LinuxFiles
import OCI
import RegistryPorts

/// Writes one part of an upload into its place.
///
/// Through the page cache: what is hashed follows the writers, and is read from there.
actor UploadPartFileWriter: UploadPartWriter {
    private let range: Range<UInt64>
    private let upload: PartedUpload
    private let file: FileDescriptor
    private let hold: UploadHold
    private let algorithm: HashAlgorithm
    private let pool: BlockingPool
    private let batches: UploadBatches
    private var isClosed = false

    init(
        _ range: Range<UInt64>, missing: [Range<UInt64>], of upload: PartedUpload, _ file: FileDescriptor,
        _ hold: UploadHold, hashing algorithm: HashAlgorithm, store: FilesystemStore, pool: BlockingPool
    ) {
        self.range = range
        self.upload = upload
        self.file = file
        self.hold = hold
        self.algorithm = algorithm
        self.pool = pool
        batches = UploadBatches(from: range.lowerBound, store, pool) { batch, position throws(FileFault) in
            let end = position + UInt64(batch.count)
            for gap in missing where gap.lowerBound < end && gap.upperBound > position {
                let start = max(gap.lowerBound, position)
                let slice = Int(start - position)..<Int(min(gap.upperBound, end) - position)
                try file.write(UnsafeRawBufferPointer(rebasing: batch.bytes[slice]), at: Int64(clamping: start))
            }
        }
    }

    var offset: UInt64 { batches.offset }

    func append(_ bytes: some Collection<UInt8> & Sendable) async throws(StorageFault) {
        guard !isClosed else { throw .unavailable(reason: "the part is closed") }
        guard UInt64(bytes.count) <= range.upperBound - batches.offset else {
            throw .unavailable(reason: "bytes beyond the part")
        }
        try await batches.append(bytes)
    }

    func suspend() async throws(StorageFault) {
        guard !isClosed else { return }
        isClosed = true
        // Only then may another writer have these bytes.
        defer { hold.release() }
        var failure: StorageFault?
        do throws(StorageFault) { try await batches.drain() } catch { failure = error }
        let written = range.lowerBound..<batches.written
        if !written.isEmpty {
            let (upload, file) = (upload, file)
            try await pool.run { () throws(StorageFault) in
                try storing { () throws(FileFault) in try upload.keep(written, in: file) }
            }
            upload.hashAhead(algorithm)
        }
        if let failure { throw failure }
    }
}

/// An upload whose parts are all there, for its end.
actor JoinedUpload: UploadWriter {
    private let upload: PartedUpload
    private let hold: UploadHold
    private let algorithm: Digest.Algorithm
    private let store: FilesystemStore
    private let pool: BlockingPool
    /// Called when the files are gone from where uploads are found.
    private let ended: @Sendable () -> Void
    private var isClosed = false

    init(
        _ upload: PartedUpload, _ hold: UploadHold, hashing algorithm: Digest.Algorithm, store: FilesystemStore,
        pool: BlockingPool, ended: @escaping @Sendable () -> Void
    ) {
        self.upload = upload
        self.hold = hold
        self.algorithm = algorithm
        self.store = store
        self.pool = pool
        self.ended = ended
    }

    var offset: UInt64 { upload.total }

    func append(_ bytes: some Collection<UInt8> & Sendable) async throws(StorageFault) {
        guard !bytes.isEmpty else { return }
        throw .unavailable(reason: "all parts are there")
    }

    func suspend() async throws(StorageFault) {
        isClosed = true
        hold.release()
    }

    func finish() async throws(StorageFault) -> any StagedBlob {
        guard !isClosed else { throw .unavailable(reason: "the upload is closed") }
        isClosed = true
        defer { hold.release() }
        let digest = try Digest(stored: try await upload.hash(HashAlgorithm(algorithm)), algorithm)
        let (name, total, store, ended) = (upload.name, upload.total, store, ended)
        return try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in
                let content = PartedUpload.contentName(name)
                let file = try store.uploads.openFile(content)
                guard try file.identity().size == Int64(clamping: total) else { throw FileFault(.hash, .changed) }
                let staged = try store.stageUpload(file, named: content, digest: digest, isCold: true)
                ended()
                return staged
            }
        }
    }
}
