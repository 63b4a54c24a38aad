import Inspection
public import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON

/// Files that arrive one by one, to become one artifact when all of them are here.
///
/// Each is inspected and kept under its digest as it arrives, and leased: collection leaves it alone until an artifact
/// is made of it, or the lease ends because nobody made one. A file that the registry has in some artifact already need
/// not arrive at all.
public struct ReceivedFiles: Sendable {
    /// Names of files in an error.
    private static let namedMax = 100

    private let store: any MetadataReader
    private let blobs: any BlobStore
    private let leaseStore: any LeaseStore
    private let examination: Examination
    private let memory: HashMemory
    private let ledger: Ledger
    private let heavyWork: WorkLimiter
    private let filesAtOnceMax: Int
    private let intake: FileIntake
    /// What is being taken in now. Collection that runs beside this has to know.
    public let leases = BlobLeases()

    /// - Parameter filesAtOnceMax: files of one set that are looked at together, as far as `heavyWork` has room.
    public init(
        store: any MetadataReader, blobs: any BlobStore, leaseStore: any LeaseStore, examination: Examination,
        memory: HashMemory, ledger: Ledger, heavyWork: WorkLimiter, filesAtOnceMax: Int
    ) {
        self.store = store
        self.blobs = blobs
        self.leaseStore = leaseStore
        self.examination = examination
        self.memory = memory
        self.ledger = ledger
        self.heavyWork = heavyWork
        self.filesAtOnceMax = filesAtOnceMax
        intake = FileIntake(blobs: blobs, examination: examination, memory: memory)
    }

    /// Keeps one file. Receiving it again begins its lease anew.
    ///
    /// - Throws: `.digestMismatch`, `.storageFull`, `.overloaded`.
    public func receive(
        _ staged: any StagedBlob, at path: RelativePath, expecting digest: Digest
    ) async throws(RegistryError) -> ArtifactFile {
        let lease = BlobLease(leases)
        defer { lease.release() }
        return try await heavyWork.run { () async throws(RegistryError) in
            guard let received = try await intake.keep(staged, at: path, expecting: digest, lease, nil) else {
                throw .collectedMeanwhile
            }
            try await throughStore { () async throws(StorageFault) in try await leaseStore.renew(digest) }
            if let inspection = examination.kept(received.file, received.report, received.tensorDigests) {
                try await ledger.write(.registry(.sweep)) { entry in try entry.put(inspection) }
            }
            return received.file
        }
    }

    /// - Returns: the size of a file that need not be sent; `nil` when it has to be.
    public func find(_ digest: Digest) async throws(RegistryError) -> UInt64? {
        guard let size = try await size(of: digest), try await memory.isUnchanged(digest) else { return nil }
        return size
    }

    /// The files of a set with what is known about them. They stay while `lease` holds them.
    ///
    /// - Throws: `.sourceNotFound` with the names of those that are not here; `.sizeMismatch`; storage faults.
    func take(
        _ set: FileSet, _ lease: BlobLease, _ progress: WorkProgress?
    ) async throws(RegistryError) -> [ReceivedFile] {
        for file in set.files { await lease.hold(file.digest) }
        var missing: [RelativePath] = []
        for file in set.files {
            guard let size = try await size(of: file.digest) else {
                missing.append(file.path)
                continue
            }
            guard size == file.sizeBytes else {
                throw RegistryError(
                    .sizeMismatch, "\(file.path) has \(size) bytes, not \(file.sizeBytes).",
                    detail: ["file": .string(file.path.description), "actual": .integer(size)])
            }
        }
        guard missing.isEmpty else { throw Self.notReceived(missing) }
        return try await heavyWork.spread(over: set.files, atOnceMax: filesAtOnceMax, progress) {
            file, progress async throws(RegistryError) in
            guard let one = try await examined(file, progress) else { throw Self.notReceived([file.path]) }
            return one
        }
    }

    /// An artifact was made of them.
    func settle(_ files: [ReceivedFile]) async {
        // A lease that stays ends by itself.
        for digest in Set(files.map(\.file.digest)) { try? await leaseStore.end(digest) }
    }

    /// - Returns: the size of a blob that a version uses or that was received.
    private func size(of digest: Digest) async throws(RegistryError) -> UInt64? {
        try await throughStore { () async throws(StorageFault) in
            guard let identity = try await blobs.identity(of: digest) else { return nil }
            if try await leaseStore.renewal(of: digest) != nil { return identity.sizeBytes }
            return try await store.uses(of: digest).kept > 0 ? identity.sizeBytes : nil
        }
    }

    /// - Returns: `nil` when the bytes are not what they were.
    private func examined(
        _ file: ArtifactFile, _ progress: WorkProgress?
    ) async throws(RegistryError) -> ReceivedFile? {
        if try await !memory.isUnchanged(file.digest) {
            progress?.begin(.hashing, file.path, bytes: file.sizeBytes)
            let check = try await throughStore { () async throws(StorageFault) in
                try await blobs.verify(
                    file.digest, sizeBytes: file.sizeBytes, hashing: [], pace: .full,
                    progress: progress)
            }
            guard case .intact(let identity, _) = check else { return nil }
            memory.remember(file.digest, identity)
        }
        guard let examined = try await examination.examine(file, progress) else { return nil }
        return ReceivedFile(file: file, report: examined.report, tensorDigests: examined.tensorDigests)
    }

    private static func notReceived(_ missing: [RelativePath]) -> RegistryError {
        RegistryError(
            .sourceNotFound, "Files of the set are not here: send them first.",
            detail: [
                "missing": .integer(missing.count),
                "files": .array(missing.prefix(namedMax).map { .string($0.description) }),
            ])
    }
}
