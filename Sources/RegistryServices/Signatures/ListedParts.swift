import Attestation
import struct Crypto.SHA256
import OCI
import RegistryCore
import Synchronization

/// A file of a version of which a signature lists parts, from its first byte to its last.
struct PartedFile: Sendable {
    let file: ArtifactFile
    let parts: [ModelManifest.Shard]
}

/// Compares files with the parts that signatures list of them, by one read of each.
///
/// Whether a blob has parts with these digests can never change, so that what was found out once is remembered: another
/// decision about the version reads nothing.
final class ListedParts: Sendable {
    /// Most answers in memory, some 100 bytes each.
    static let rememberedMax = 4_096

    private struct Question: Hashable {
        let file: Digest
        /// SHA-256 over the ends of the parts and their digests.
        let list: [UInt8]

        init(_ parted: PartedFile) {
            file = parted.file.digest
            var hasher = SHA256()
            for part in parted.parts {
                let end = part.range.upperBound
                hasher.update(data: (0..<8).map { UInt8(truncatingIfNeeded: end >> (8 * $0)) } + part.digest)
            }
            list = Array(hasher.finalize())
        }
    }

    private let verification: Verification
    private let known = Mutex<[Question: Bool]>([:])

    init(_ verification: Verification) {
        self.verification = verification
    }

    /// Whether the file consists of the parts.
    ///
    /// - Throws: `.integrityFailed` when the stored bytes are not those of the file, after it was put into quarantine;
    ///   storage faults.
    func match(_ parted: PartedFile, in record: ArtifactRecord) async throws(RegistryError) -> Bool {
        guard parted.parts.last?.range.upperBound == parted.file.sizeBytes else { return false }
        let question = Question(parted)
        if let answer = known.withLock({ $0[question] }) { return answer }
        let digests = try await verification.requireIntact(
            parted.file, in: record, ranges: parted.parts.map(\.range))
        let answer = digests.map(\.bytes) == parted.parts.map(\.digest)
        known.withLock { known in
            if known.count >= Self.rememberedMax { known.removeAll(keepingCapacity: true) }
            known[question] = answer
        }
        return answer
    }
}
