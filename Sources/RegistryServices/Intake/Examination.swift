import Inspection
import ModelFormats
import OCI
import RegistryCore
public import RegistryPorts

/// Has files inspected, once for each blob, name and version of the rules.
public struct Examination: Sendable {
    /// Most that waits for whoever asked to write something, too: what is found about a file can take megabytes, and a
    /// long commit keeps revocations waiting.
    private static let unwrittenBytesMax = 1 << 20
    /// From here on inspecting a file again costs more than a commit of its own.
    private static let writtenAtOnceBytesMin: UInt64 = 16 << 20

    private let store: any MetadataReader
    private let blobs: any BlobStore
    private let inspector: any ArtifactInspector
    private let verification: Verification
    private let ledger: Ledger
    private let sealer: RecordSealer

    public init(
        store: any MetadataReader, blobs: any BlobStore, inspector: any ArtifactInspector,
        verification: Verification, ledger: Ledger, sealer: RecordSealer
    ) {
        self.store = store
        self.blobs = blobs
        self.inspector = inspector
        self.verification = verification
        self.ledger = ledger
        self.sealer = sealer
    }

    /// Inspects what is being taken in.
    func inspect(_ staged: any StagedBlob, name: String) async -> InspectionReport {
        await inspector.inspect(staged, name: name, as: .none)
    }

    /// What is to be kept about the inspection of a file: sealed, because promotes believe it.
    ///
    /// - Returns: `nil` for an undecided verdict, which is about one attempt and not about the file.
    func kept(_ file: ArtifactFile, _ report: InspectionReport, _ tensorDigests: [Digest]) -> KeptInspection? {
        guard report.verdict != .undecided else { return nil }
        let key = InspectionKey(of: file)
        return KeptInspection(
            key: key, sealed: sealer.sealed(KeptInspection.encoded(report, tensorDigests), of: key))
    }

    /// Inspects every file of a version; what is known about its bytes is not worked out again.
    ///
    /// - Throws: `.integrityFailed` when a file is not what it was; storage faults. A failed inspection is a verdict.
    func examine(
        _ record: ArtifactRecord, _ files: [ArtifactFile], _ progress: WorkProgress? = nil
    ) async throws(RegistryError) -> [ExaminedFile] {
        let examined = try await examineAll(record, files, progress)
        try await write(examined.unwritten)
        return examined.files
    }

    /// The same, and leaves the last of what was found to the caller to write down.
    private func examineAll(
        _ record: ArtifactRecord, _ files: [ArtifactFile], _ progress: WorkProgress?
    ) async throws(RegistryError) -> ExaminedFiles {
        var examined = ExaminedFiles()
        // Many files of one version may have the same bytes and the same last name.
        var lately: [InspectionKey: ExaminedFile] = [:]
        var unwrittenBytes = 0
        for file in files {
            if let same = lately[InspectionKey(of: file)] {
                examined.files.append(
                    ExaminedFile(file: file, report: same.report, tensorDigests: same.tensorDigests))
            } else if let kept = try await kept(file) {
                examined.files.append(kept)
            } else {
                let new = try await examineAnew(record, file, progress)
                examined.files.append(new)
                guard let kept = kept(file, new.report, new.tensorDigests) else { continue }
                lately[kept.key] = new
                examined.unwritten.append(kept)
                unwrittenBytes += kept.sealed.count
                guard unwrittenBytes >= Self.unwrittenBytesMax || file.sizeBytes >= Self.writtenAtOnceBytesMin else {
                    continue
                }
                try await write(examined.unwritten)
                (examined.unwritten, lately, unwrittenBytes) = ([], [:], 0)
            }
        }
        return examined
    }

    /// Writes down what was found.
    func write(_ inspections: [KeptInspection]) async throws(RegistryError) {
        guard !inspections.isEmpty else { return }
        try await ledger.write(.registry(.sweep)) { entry in try entry.put(inspections) }
    }

    /// Inspects a file that belongs to no version yet, unless that was done when it came in.
    ///
    /// - Returns: `nil` when the stored bytes are not the file's.
    func examine(_ file: ArtifactFile, _ progress: WorkProgress?) async throws(RegistryError) -> ExaminedFile? {
        if let kept = try await kept(file) { return kept }
        progress?.begin(.inspecting, file.path)
        let opened = try await throughStore { () async throws(StorageFault) in try await blobs.open(file.digest) }
        guard let opened else { return nil }
        let report = await inspector.inspect(opened, name: file.path.lastComponent, as: file.claim)
        progress?.begin(.hashing, file.path, bytes: file.sizeBytes)
        let check = try await throughStore { () async throws(StorageFault) in
            try await blobs.verify(
                file.digest, sizeBytes: file.sizeBytes, hashing: report.rangesToHash,
                pace: .full, progress: progress)
        }
        guard case .intact(_, let digests) = check else { return nil }
        return ExaminedFile(file: file, report: report, tensorDigests: digests)
    }

    /// As `examine`, once it is sure that the bytes are still the ones that were taken in.
    ///
    /// - Returns: also what is not written down yet.
    func examineUnchanged(
        _ record: ArtifactRecord, _ files: [ArtifactFile], _ progress: WorkProgress? = nil
    ) async throws(RegistryError) -> ExaminedFiles {
        try await verification.requireUnchanged(record, files, progress)
        return try await examineAll(record, files, progress)
    }

    /// Hashes everything again after a check that failed, and puts the artifact into quarantine if it is so.
    func confirmDamage(_ record: ArtifactRecord, _ files: [ArtifactFile]) async throws(RegistryError) {
        _ = try await verification.verify(record, files)
    }

    /// What is known of these files without looking into them.
    func known(_ files: [ArtifactFile]) async -> [ExaminedFile] {
        var known: [ExaminedFile] = []
        for file in files {
            if let kept = try? await kept(file) { known.append(kept) }
        }
        return known
    }

    private func kept(_ file: ArtifactFile) async throws(RegistryError) -> ExaminedFile? {
        let key = InspectionKey(of: file)
        let bytes = try await throughStore { () async throws(StorageFault) in try await store.inspection(key) }
        guard let bytes, let document = sealer.open(bytes, of: key),
            let (report, digests) = KeptInspection.decoded(document, fileSizeBytes: file.sizeBytes),
            report.rulesVersion == InspectionRules.version, report.rulesDigest == InspectionRules.digest
        else { return nil }
        return ExaminedFile(file: file, report: report, tensorDigests: digests)
    }

    private func examineAnew(
        _ record: ArtifactRecord, _ file: ArtifactFile, _ progress: WorkProgress?
    ) async throws(RegistryError) -> ExaminedFile {
        progress?.begin(.inspecting, file.path)
        let opened = try await throughStore { () async throws(StorageFault) in try await blobs.open(file.digest) }
        guard let opened else {
            _ = try await verification.requireIntact(file, in: record, ranges: [])
            throw RegistryError(.storageUnavailable, "A file of \(record.name) could not be opened.")
        }
        let report = await inspector.inspect(opened, name: file.path.lastComponent, as: file.claim)
        let digests = try await verification.requireIntact(
            file, in: record, ranges: report.rangesToHash, progress)
        return ExaminedFile(file: file, report: report, tensorDigests: digests)
    }
}
