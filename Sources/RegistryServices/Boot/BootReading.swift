public import OCI
public import RegistryCore
public import RegistryPorts

/// Fills an empty registry from a boot list.
///
/// Every file is hashed, inspected and judged by policy as if somebody had asked for it; the event that admits it names
/// the list's digest. Reading ends with an event of its own. Until that stands in the log, a registry that was stopped
/// in the middle goes on where it was: what is done already is found and left alone.
public struct BootReading: Sendable {
    private let directory: ArtifactDirectory
    private let intake: Intake
    private let assessor: Assessor
    private let quarantine: Quarantine
    private let withdrawal: Withdrawal
    private let viewKeeper: ViewKeeper
    private let ledger: Ledger
    private let bytes: BootBytes

    private static let caller = Caller.registry(.boot)

    public init(
        directory: ArtifactDirectory, intake: Intake, assessor: Assessor, quarantine: Quarantine,
        withdrawal: Withdrawal, viewKeeper: ViewKeeper, ledger: Ledger, blobs: any BlobStore
    ) {
        self.directory = directory
        self.intake = intake
        self.assessor = assessor
        self.quarantine = quarantine
        self.withdrawal = withdrawal
        self.viewKeeper = viewKeeper
        self.ledger = ledger
        bytes = BootBytes(blobs: blobs)
    }

    /// What came of a list.
    public struct Report: Sendable {
        public var digest: Digest
        /// Trusted now.
        public var admitted: [ArtifactName] = []
        /// Recorded as the list says, and not trusted.
        public var recorded: [ArtifactName] = []
        /// Not as the list says.
        public var faults: [BootEntryFault] = []
        public var warnings: [BootWarning]
    }

    /// Reads a list to its end.
    ///
    /// - Throws: storage faults, after which reading goes on at the next start.
    public func read(_ list: BootList) async throws(RegistryError) -> Report {
        let digest = list.digest
        var report = Report(digest: digest, warnings: list.warnings)
        for item in list.entries {
            switch item {
            case .failure(let fault): report.faults.append(fault)
            case .success(let entry): try await take(entry, &report)
            }
        }
        let (admitted, refused) = (UInt64(report.admitted.count), UInt64(report.faults.count))
        try await ledger.write(Self.caller) { entry in
            try entry.append(.bootLockRead(digest: digest, admitted: admitted, refused: refused))
        }
        return report
    }

    private func take(_ entry: BootEntry, _ report: inout Report) async throws(RegistryError) {
        do {
            let record = try await reach(entry, report.digest)
            if record.state == .trusted {
                report.admitted.append(entry.name)
            } else {
                report.recorded.append(entry.name)
            }
        } catch {
            guard error.isAboutTheArtifact else { throw error }
            report.faults.append(
                BootEntryFault(
                    index: entry.index, name: entry.name, reason: .refused(error.code, message: error.message)))
        }
    }

    private func reach(_ entry: BootEntry, _ list: Digest) async throws(RegistryError) -> ArtifactRecord {
        if let record = try await known(entry) { return record }
        switch entry.goal {
        case .deleted: return try await bury(entry, reason: entry.reason)
        case .revoked:
            let record: ArtifactRecord
            do { record = try await acquire(entry) } catch {
                guard error.code == .sourceNotFound else { throw error }
                // Without its bytes it cannot be revoked, only kept from ever coming back under this name.
                return try await bury(entry, reason: "revoked before, and its bytes are gone: \(entry.reason ?? "")")
            }
            return try await withdrawal.withdraw(record.name, .revoke, reason: entry.reason, Self.caller).record
        case .acquired: return try await acquire(entry)
        case .quarantined:
            let record = try await acquire(entry)
            return try await quarantine.quarantine(record.name, reason: entry.reason, Self.caller).record
        case .trusted: return try await admit(try await acquire(entry), entry, list)
        }
    }

    /// What an interrupted reading has done already; `nil` when there is something left to do.
    private func known(_ entry: BootEntry) async throws(RegistryError) -> ArtifactRecord? {
        let record: ArtifactRecord
        do { record = try await directory.record(named: entry.name) } catch {
            guard error.code == .artifactNotFound else { throw error }
            return nil
        }
        guard record.acquisition.content.sha256 == entry.sha256 else { throw .taken(record) }
        switch (record.state, entry.goal) {
        case (.trusted, .trusted), (.revoked, .revoked), (.deleted, .deleted), (.deleted, .revoked),
            (.quarantined, .quarantined), (.acquired, .acquired):
            return record
        case (.acquired, _), (.quarantined, _), (.trusted, _), (.revoked, _), (.deleted, _): return nil
        }
    }

    private func acquire(_ entry: BootEntry) async throws(RegistryError) -> ArtifactRecord {
        try await intake.acquire(try await bytes.order(for: entry), Self.caller).record
    }

    private func admit(
        _ record: ArtifactRecord, _ entry: BootEntry, _ list: Digest
    ) async throws(RegistryError) -> ArtifactRecord {
        let assessment = try await assessor.assess(record)
        let after = try await ledger.write(Self.caller) { ledgerEntry in
            let now = try ledgerEntry.record(named: record.name)
            guard now.isJudged(as: record) else {
                throw RegistryError(.concurrentChange, "\(record.name) was changed while the registry started.")
            }
            return try PromotionRecording(assessment: assessment, claims: entry.claims, bootLock: list)
                .write(to: &ledgerEntry, now)
        }
        guard assessment.decision.outcome == .admitted else { throw .refused(assessment, record.name) }
        try? await viewKeeper.follow(record.name)
        return after
    }

    /// Writes down that a name was used up, without bytes.
    private func bury(_ entry: BootEntry, reason: String?) async throws(RegistryError) -> ArtifactRecord {
        let layers =
            entry.files.isEmpty
            ? [ArtifactFile(path: entry.path, digest: entry.sha256, sizeBytes: entry.sizeBytes ?? 0)]
            : entry.files.map { ArtifactFile(path: $0.path, digest: $0.digest, sizeBytes: $0.sizeBytes) }
        let format = entry.format ?? "unknown"
        let built: (config: [UInt8], manifest: [UInt8])
        let key: ArtifactKey
        do {
            built = try ArtifactManifests.build(
                name: entry.name, format: format, layers: layers.map { ($0, isTensors: false) })
            key = ArtifactKey(tenant: .default, version: try Digest(hashing: built.manifest))
        } catch {
            throw RegistryError(.internalError, "The manifest could not be built.", cause: error)
        }
        let acquisition = Acquisition(
            content: ContentIdentity(
                layout: entry.files.isEmpty ? .file : .directory, sha256: entry.sha256,
                sizeBytes: layers.reduce(0) { $0 &+ $1.sizeBytes }, filename: entry.path.lastComponent),
            format: format, source: entry.source, sourceRevision: entry.sourceRevision)
        return try await ledger.write(Self.caller) { ledgerEntry in
            guard try !ledgerEntry.nameOverlaps(entry.name, in: .default) else {
                throw RegistryError(
                    .nameConflict, "\(entry.name) would be a folder of another artifact, or lie in one.")
            }
            try ledgerEntry.put(manifest: built.manifest, blobs: layers.map(\.digest), key: key, name: entry.name)
            try ledgerEntry.put(document: built.config)
            let record = try ledgerEntry.append(.acquired(acquisition), to: nil, key: key, name: entry.name)
            return try ledgerEntry.append(.deleted(reason: reason), to: record)
        }
    }
}

extension RegistryError {
    /// Whether it says something about one artifact, and not about the registry or its disk.
    fileprivate var isAboutTheArtifact: Bool {
        switch code {
        case .overloaded, .storageFull, .quotaExceeded, .storageUnavailable, .internalError, .recordTampered,
            .storeNotFound:
            false
        case .invalidRequest, .invalidJSON, .unknownField, .missingField, .invalidField, .invalidName, .invalidDigest,
            .invalidPath, .bodyTooLarge, .lengthRequired, .unsupportedMediaType, .notAcceptable, .routeNotFound,
            .methodNotAllowed, .rangeNotSatisfiable, .unauthorized, .insufficientScope, .accessDenied,
            .tooManyAttempts, .mutationsDisabled,
            .hostNotAllowed, .originNotAllowed, .artifactNotFound, .evidenceNotFound, .manifestNotFound, .blobNotFound,
            .notTrusted, .artifactExists, .nameConflict, .stateConflict, .concurrentChange, .preconditionFailed,
            .sourceNotFound, .sourceRefused, .sourceChanged, .digestMismatch, .sizeMismatch, .integrityFailed,
            .uploadOffsetMismatch, .uploadNotFound, .policyRefused, .inspectionUndecided,
            .linkLimitReached, .invalidManifest, .manifestBlobUnknown, .tagImmutable, .waiverNotFound,
            .waiverNotAllowed, .bundleInvalid, .tooManyBundles, .integrityRequired, .otherRepository:
            true
        }
    }
}
