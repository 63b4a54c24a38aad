import Inspection
import ModelFormats
import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON

/// Takes bytes in. What comes in is `acquired`: kept, inspected, and served to nobody.
public struct Intake: Sendable {
    /// How often a file is read again that collection removed meanwhile.
    private static let attemptsMax = 3

    private let directory: ArtifactDirectory
    private let sources: any SourceFiles
    private let blobs: any BlobStore
    private let examination: Examination
    private let memory: HashMemory
    private let ledger: Ledger
    private let heavyWork: WorkLimiter
    /// What is being taken in now. Collection that runs beside this has to know.
    public let leases = BlobLeases()

    public init(
        directory: ArtifactDirectory, sources: any SourceFiles, blobs: any BlobStore, examination: Examination,
        memory: HashMemory, ledger: Ledger, heavyWork: WorkLimiter
    ) {
        self.directory = directory
        self.sources = sources
        self.blobs = blobs
        self.examination = examination
        self.memory = memory
        self.ledger = ledger
        self.heavyWork = heavyWork
    }

    /// Acquires; doing it again with the same bytes gives the same record.
    ///
    /// - Returns: the record, and whether this call made it.
    /// - Throws: `.artifactExists` when the name has other bytes or was revoked or deleted; `.nameConflict`;
    ///   `.sourceNotFound`, `.sourceRefused`, `.sourceChanged`; `.digestMismatch`, `.sizeMismatch`, `.invalidField`
    ///   (format); `.storageFull`; `.overloaded`.
    public func acquire(
        _ order: IntakeOrder, _ caller: Caller
    ) async throws(RegistryError) -> (record: ArtifactRecord, isNew: Bool) {
        try await refuseEarly(order)
        let lease = BlobLease(leases)
        defer { lease.release() }
        return try await heavyWork.run { () async throws(RegistryError) in
            let (layout, filename, files) = try await receive(order, lease)
            let content = try identify(order, layout, filename, files)
            return try await commit(order, content, files, caller)
        }
    }

    /// What can be known to fail before a byte is read.
    private func refuseEarly(_ order: IntakeOrder) async throws(RegistryError) {
        let record: ArtifactRecord
        do { record = try await directory.record(named: order.name) } catch {
            guard error.code == .artifactNotFound else { throw error }
            return
        }
        guard let sha256 = order.sha256, record.acquisition.content.sha256 == sha256 else {
            return try Self.refuseReplacing(record)
        }
        guard case .refused = Lifecycle.outcome(of: .acquire, in: record.state) else { return }
        throw .taken(record)
    }

    private func receive(
        _ order: IntakeOrder, _ lease: BlobLease
    ) async throws(RegistryError) -> (ContentIdentity.Layout, String, [ReceivedFile]) {
        switch order.bytes {
        case .received(let staged, let filename):
            let path = try Self.path(filename.lastComponent)
            guard let file = try await receive(staged, at: path, expecting: order.sha256, lease) else {
                throw .collectedMeanwhile
            }
            return (.file, path.description, [file])
        case .source(let path): return try await receive(try await opened(path), at: path, order, lease)
        case .opened(let source, let path): return try await receive(source, at: path, order, lease)
        }
    }

    private func receive(
        _ source: Source, at path: RelativePath, _ order: IntakeOrder, _ lease: BlobLease
    ) async throws(RegistryError) -> (ContentIdentity.Layout, String, [ReceivedFile]) {
        switch source {
        case .file(let file):
            guard let sha256 = order.sha256 else {
                throw RegistryError(.missingField, "A file is acquired by its sha256.", detail: ["field": "sha256"])
            }
            try Self.check(order.sizeBytes, file.sizeBytes)
            let name = try Self.path(path.lastComponent)
            return (.file, name.description, [try await receive(file, at: name, expecting: sha256, lease)])
        case .directory(let tree):
            guard !tree.paths.isEmpty else { throw RegistryError(SourceFault.empty) }
            var files: [ReceivedFile] = []
            for path in tree.paths {
                let file = try await throughSource { () async throws(SourceFault) in try await tree.open(path) }
                files.append(try await receive(file, at: path, expecting: nil, lease))
            }
            return (.directory, path.lastComponent, files)
        }
    }

    private func opened(_ path: RelativePath) async throws(RegistryError) -> Source {
        try await throughSource { () async throws(SourceFault) in try await sources.open(path) }
    }

    private func stage(_ file: any LocalFile) async throws(RegistryError) -> any StagedBlob {
        try await throughStore { () async throws(StorageFault) in try await blobs.stage(file) }
    }

    private func receive(
        _ file: any LocalFile, at path: RelativePath, expecting expected: Digest?, _ lease: BlobLease
    ) async throws(RegistryError) -> ReceivedFile {
        for _ in 0..<Self.attemptsMax {
            let staged = try await stage(file)
            if let received = try await receive(staged, at: path, expecting: expected, lease) { return received }
        }
        throw .collectedMeanwhile
    }

    /// Inspects and keeps one file. The tensors are hashed in the same read as the file.
    ///
    /// - Returns: `nil` when collection removed the bytes before anybody could know their digest.
    private func receive(
        _ staged: any StagedBlob, at path: RelativePath, expecting expected: Digest?, _ lease: BlobLease
    ) async throws(RegistryError) -> ReceivedFile? {
        let known = expected ?? staged.digestWhileReceiving
        if let known { await lease.hold(known) }
        let report = await examination.inspect(staged, name: path.lastComponent)
        let kept: KeptBlob
        do {
            kept = try await blobs.keep(
                staged, expecting: expected, hashing: report.tensors?.ranges ?? [], progress: nil)
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

    private func identify(
        _ order: IntakeOrder, _ layout: ContentIdentity.Layout, _ filename: String, _ files: [ReceivedFile]
    ) throws(RegistryError) -> ContentIdentity {
        let size = files.reduce(UInt64(0)) { $0 &+ $1.file.sizeBytes }
        try Self.check(order.sizeBytes, size)
        let sha256: Digest
        do {
            sha256 =
                switch layout {
                case .file: files[0].file.digest
                case .directory: try DirectoryListing.digest(of: files.map { ($0.file.path, $0.file.digest) })
                }
        } catch {
            throw RegistryError(.internalError, "The listing could not be hashed.", cause: error)
        }
        if let expected = order.sha256, expected != sha256 { throw .mismatch(expected: expected, actual: sha256) }
        return ContentIdentity(layout: layout, sha256: sha256, sizeBytes: size, filename: filename)
    }

    private func commit(
        _ order: IntakeOrder, _ content: ContentIdentity, _ files: [ReceivedFile], _ caller: Caller
    ) async throws(RegistryError) -> (record: ArtifactRecord, isNew: Bool) {
        let format = files.mainFormat
        if let claimed = order.format, claimed.lowercased() != format {
            throw RegistryError(
                .invalidField, "The content is \(format), not \(claimed).",
                detail: ["field": "format", "actual": .string(format)])
        }
        let acquisition = Acquisition(
            content: content, format: format, source: order.source, sourceRevision: order.sourceRevision)
        let built: (config: [UInt8], manifest: [UInt8])
        let key: ArtifactKey
        do {
            built = try ArtifactManifests.build(
                name: order.name, format: format, layers: files.map { ($0.file, isTensors: $0.isTensors) })
            key = ArtifactKey(
                tenant: .default, version: try Digest(hashing: built.manifest))
        } catch {
            throw RegistryError(.internalError, "The manifest could not be built.", cause: error)
        }
        let inspections = files.filter { $0.report.verdict != .undecided }.map { file in
            (file.file.digest, examination.sealed(file.report, file.tensorDigests, of: file.file.digest))
        }
        return try await ledger.write(caller) { entry in
            if let record = try entry.recordIfAny(named: order.name) {
                if record.key == key, record.state != .revoked, record.state != .deleted { return (record, false) }
                guard record.key != key else { throw RegistryError.taken(record) }
                try Self.refuseReplacing(record)
                // The name had these bytes before and lost them to others: that version's history has ended.
                if let earlier = try entry.recordIfAny(key) { throw RegistryError.taken(earlier) }
                try entry.append(.deleted(reason: "replaced by \(key.version)"), to: record)
            } else if try entry.nameOverlaps(order.name, in: .default) {
                throw RegistryError(
                    .nameConflict, "\(order.name) would be a folder of another artifact, or lie in one.")
            }
            try entry.put(manifest: built.manifest, blobs: files.map(\.file.digest), key: key, name: order.name)
            try entry.put(document: built.config)
            for (blob, document) in inspections {
                try entry.put(inspection: document, of: blob, rules: InspectionRules.version)
            }
            return (try entry.append(.acquired(acquisition), to: nil, key: key, name: order.name), true)
        }
    }

    /// Other bytes may take a name only from ones that nobody was ever given.
    private static func refuseReplacing(_ record: ArtifactRecord) throws(RegistryError) {
        switch record.state {
        // Quarantine is where trust ends, too.
        case .acquired, .quarantined: guard record.promotedAt == nil else { throw .taken(record) }
        case .trusted, .revoked, .deleted: throw .taken(record)
        }
    }

    private static func check(_ announced: UInt64?, _ actual: UInt64) throws(RegistryError) {
        guard let announced, announced != actual else { return }
        throw RegistryError(
            .sizeMismatch, "There are \(actual) bytes, not \(announced).",
            detail: ["expected": .integer(announced), "actual": .integer(actual)])
    }

    private static func path(_ text: String) throws(RegistryError) -> RelativePath {
        do { return try RelativePath(parsing: text) } catch {
            throw RegistryError(.invalidPath, "The file name cannot be used: \(error.rawValue).")
        }
    }
}

extension [ReceivedFile] {
    /// The format by which the artifact goes: that of its largest tensor file, else of its largest file.
    var mainFormat: String {
        let tensors = filter(\.isTensors)
        let largest = (tensors.isEmpty ? self : tensors).max { $0.file.sizeBytes < $1.file.sizeBytes }
        return largest?.report.format.rawValue ?? "unknown"
    }
}
