import Inspection
import ModelFormats
import OCI
import RegistryCore
import RegistryPorts

/// Takes one file in: it is inspected, hashed together with its tensors, and kept under its digest.
struct FileIntake: Sendable {
    /// How often a file is read again that collection removed meanwhile.
    private static let attemptsMax = 3

    let blobs: any BlobStore
    let examination: Examination
    let memory: HashMemory

    func takeIn(
        _ file: any LocalFile, at path: RelativePath, expecting expected: Digest?, _ lease: BlobLease,
        _ progress: WorkProgress?
    ) async throws(RegistryError) -> ReceivedFile {
        for _ in 0..<Self.attemptsMax {
            progress?.begin(.copying, path, bytes: file.sizeBytes)
            let staged = try await throughStore { () async throws(StorageFault) in
                try await blobs.stage(file, progress: progress)
            }
            if let received = try await keep(staged, at: path, expecting: expected, lease, progress) {
                return received
            }
        }
        throw .collectedMeanwhile
    }

    /// - Returns: `nil` when collection removed the bytes before anybody could know their digest.
    func keep(
        _ staged: any StagedBlob, at path: RelativePath, expecting expected: Digest?, _ lease: BlobLease,
        _ progress: WorkProgress?
    ) async throws(RegistryError) -> ReceivedFile? {
        let known = expected ?? staged.digestWhileReceiving
        if let known { await lease.hold(known) }
        progress?.begin(.inspecting, path)
        let report = await examination.inspect(staged, name: path.lastComponent)
        progress?.begin(.hashing, path, bytes: staged.sizeBytes)
        let kept: KeptBlob
        do {
            kept = try await blobs.keep(
                staged, expecting: expected, hashing: report.rangesToHash, progress: progress)
        } catch {
            guard case .digestMismatch(let actual) = error, let expected else { throw RegistryError(error) }
            throw .mismatch(expected: expected, actual: actual)
        }
        if known != kept.digest {
            await lease.hold(kept.digest)
            let identity = try await throughStore { () async throws(StorageFault) in
                try await blobs.identity(of: kept.digest)
            }
            if identity == nil { return nil }
        }
        memory.remember(kept.digest, kept.identity)
        return ReceivedFile(
            file: ArtifactFile(path: path, digest: kept.digest, sizeBytes: kept.sizeBytes), report: report,
            tensorDigests: kept.rangeDigests)
    }
}
