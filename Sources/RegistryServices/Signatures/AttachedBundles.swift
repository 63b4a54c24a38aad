import OCI
public import RegistryCore
public import RegistryPorts
import Sigstore
import StrictJSON

/// Keeps the bundles that people attach to versions: signatures over them, and statements about them.
///
/// A bundle is kept as evidence of its version, in the transaction of the event that names it, so that it lasts as long
/// as the version's history. Being attached says nothing: each decision verifies anew what counts. Nothing else has to
/// be sealed, because whoever could edit the list could make us overlook a signature, and not believe one.
public final class AttachedBundles: Sendable {
    /// Most bundles of one version, and how many bytes they have together.
    public static let countMax = 64
    public static let bytesMax: UInt64 = 64 << 20
    /// Longest bundle, in bytes.
    public static let bundleBytesMax = BundleLimits.bundleBytesMax

    private let store: any MetadataReader
    private let directory: ArtifactDirectory
    private let ledger: Ledger
    private let turns = Turns<ArtifactName>()

    public init(store: any MetadataReader, directory: ArtifactDirectory, ledger: Ledger) {
        self.store = store
        self.directory = directory
        self.ledger = ledger
    }

    /// Attaches a bundle to the version that the name points at. The same one again changes nothing.
    ///
    /// - Returns: the entry, and whether it is new.
    /// - Throws: `.bodyTooLarge`; `.bundleInvalid` for what is no bundle; `.tooManyBundles`; `.artifactNotFound`;
    ///   `.stateConflict` for what was deleted; `.concurrentChange`.
    public func attach(
        _ bytes: [UInt8], to name: ArtifactName, _ caller: Caller
    ) async throws(RegistryError) -> (entry: EvidenceEntry, isNew: Bool) {
        guard bytes.count <= Self.bundleBytesMax else { throw .tooLarge }
        do throws(VerificationFailure) { _ = try UnverifiedBundle(parsing: bytes) } catch {
            throw RegistryError(
                .bundleInvalid, "This is no Sigstore bundle: \(error.reason.rawValue).",
                detail: ["reason": .string(error.reason.rawValue)])
        }
        guard let digest = try? Digest(hashing: bytes) else { throw .tooLarge }
        return try await turns.take(name) { () async throws(RegistryError) in
            let record = try await directory.record(named: name)
            let attached = try await list(of: record)
            if let entry = attached.first(where: { $0.digest == digest }) { return (entry, false) }
            let held = attached.reduce(UInt64(bytes.count)) { $0 + $1.sizeBytes }
            guard attached.count < Self.countMax, held <= Self.bytesMax else { throw .tooManyBundles(name) }
            return (try await write(bytes, digest, to: record, caller), true)
        }
    }

    /// The bundles of the version that the name points at, in the order in which they came.
    public func list(of name: ArtifactName) async throws(RegistryError) -> [EvidenceEntry] {
        try await list(of: try await directory.record(named: name))
    }

    func list(of record: ArtifactRecord) async throws(RegistryError) -> [EvidenceEntry] {
        try await throughStore { () async throws(StorageFault) in try await store.evidence(of: record.key) }
            .filter { $0.kind == .attestation }
    }

    /// - Returns: `nil` when it is not there or is another one: it was not verified then, and may be a good one.
    func bundle(_ entry: EvidenceEntry) async throws(RegistryError) -> [UInt8]? {
        let bytes = try await throughStore { () async throws(StorageFault) in
            try await store.evidenceDocument(entry.digest)
        }
        guard let bytes, (try? Digest(hashing: bytes)) == entry.digest else { return nil }
        return bytes
    }

    private func write(
        _ bytes: [UInt8], _ digest: Digest, to record: ArtifactRecord, _ caller: Caller
    ) async throws(RegistryError) -> EvidenceEntry {
        try await ledger.write(caller) { entry in
            let now = try entry.record(named: record.name)
            // What was counted has to be what there is.
            guard now.key == record.key, now.evidenceCount == record.evidenceCount else {
                throw RegistryError(.concurrentChange, "\(record.name) was changed by another request.")
            }
            guard now.state.keepsBytes else {
                throw RegistryError(
                    .stateConflict, "\(record.name) is \(now.state.rawValue).",
                    detail: ["state": .string(now.state.rawValue)])
            }
            try entry.put(evidence: bytes, kind: .attestation, digest: digest, of: now.key)
            let next = try entry.append(.attested(bundle: digest), to: now)
            return EvidenceEntry(
                kind: .attestation, digest: digest, sizeBytes: UInt64(bytes.count), time: entry.time,
                eventIndex: next.headIndex)
        }
    }
}

extension RegistryError {
    fileprivate static var tooLarge: RegistryError {
        RegistryError(
            .bodyTooLarge, "A bundle has at most \(AttachedBundles.bundleBytesMax) bytes.",
            detail: ["limit": .integer(AttachedBundles.bundleBytesMax)])
    }

    fileprivate static func tooManyBundles(_ name: ArtifactName) -> RegistryError {
        RegistryError(
            .tooManyBundles,
            "\(name) can have \(AttachedBundles.countMax) bundles with \(AttachedBundles.bytesMax) bytes together.",
            detail: [
                "count_max": .integer(AttachedBundles.countMax), "bytes_max": .integer(AttachedBundles.bytesMax),
            ])
    }
}
