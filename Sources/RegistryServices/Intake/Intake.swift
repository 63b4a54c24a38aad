import Inspection
import ModelFormats
import OCI
public import RegistryCore
public import RegistryPorts
import StrictJSON

/// Takes bytes in. What comes in is `acquired`: kept, inspected, and served to nobody.
public struct Intake: Sendable {
    private let directory: ArtifactDirectory
    private let sources: any SourceFiles
    private let examination: Examination
    private let files: FileIntake
    private let ledger: Ledger
    private let heavyWork: WorkLimiter
    private let filesAtOnceMax: Int
    private let integrity: IntegrityDemand
    /// Files that arrive one by one.
    public let received: ReceivedFiles
    /// What is being taken in now. Collection that runs beside this has to know.
    public var leases: BlobLeases { received.leases }

    /// - Parameter filesAtOnceMax: files of one directory that are read at a time, as far as `heavyWork` has room.
    public init(
        directory: ArtifactDirectory, sources: any SourceFiles, blobs: any BlobStore, examination: Examination,
        memory: HashMemory, ledger: Ledger, heavyWork: WorkLimiter, filesAtOnceMax: Int, integrity: IntegrityDemand,
        received: ReceivedFiles
    ) {
        self.directory = directory
        self.sources = sources
        self.examination = examination
        files = FileIntake(blobs: blobs, examination: examination, memory: memory)
        self.ledger = ledger
        self.heavyWork = heavyWork
        self.filesAtOnceMax = filesAtOnceMax
        self.integrity = integrity
        self.received = received
    }

    /// Acquires; doing it again with the same bytes gives the same record.
    ///
    /// - Parameter isUnknown: the caller has just seen that nobody has the name, so that nothing can be refused before
    ///   the bytes are read. The transaction looks again.
    /// - Returns: the record, and whether this call made it.
    /// - Throws: `.invalidName` for the name of a pushed version; `.artifactExists` when the name has other bytes or
    ///   was revoked or deleted; `.nameConflict`;
    ///   `.sourceNotFound` (also of files of a set that were not received), `.sourceRefused`, `.sourceChanged`;
    ///   `.integrityRequired`; `.digestMismatch`, `.sizeMismatch`, `.invalidField` (format); `.storageFull`;
    ///   `.overloaded`.
    public func acquire(
        _ order: IntakeOrder, _ caller: Caller, _ progress: WorkProgress? = nil, isUnknown: Bool = false
    ) async throws(RegistryError) -> (record: ArtifactRecord, isNew: Bool) {
        guard order.name.pushed == nil else { throw .namedByDigest(order.name) }
        try integrity.admit(order.name, source: order.source, stated: try order.announcedDigest)
        if !isUnknown { try await refuseEarly(order) }
        if let record = try await madeBefore(order) { return (record, false) }
        let lease = BlobLease(leases)
        defer { lease.release() }
        return try await heavyWork.run { () async throws(RegistryError) in
            let (layout, filename, files) = try await receive(order, lease, progress)
            let content = try identify(order, layout, filename, files)
            progress?.begin(.deciding)
            let made = try await commit(order, content, files, caller)
            if case .set = order.bytes { await received.settle(files) }
            return made
        }
    }

    /// The record that a set was made into by a request whose answer was lost: its files may not be here any more.
    private func madeBefore(_ order: IntakeOrder) async throws(RegistryError) -> ArtifactRecord? {
        guard case .set(let set, _) = order.bytes else { return nil }
        let record: ArtifactRecord
        do { record = try await directory.record(named: order.name) } catch {
            guard error.code == .artifactNotFound else { throw error }
            return nil
        }
        let content = record.acquisition.content
        guard record.state != .revoked, record.state != .deleted, content.layout == .directory,
            content.sha256 == (try set.listingDigest), order.sha256.map({ $0 == content.sha256 }) ?? true
        else { return nil }
        return record
    }

    /// What can be known to fail before a byte is read.
    private func refuseEarly(_ order: IntakeOrder) async throws(RegistryError) {
        let record: ArtifactRecord
        do { record = try await directory.record(named: order.name) } catch {
            guard error.code == .artifactNotFound else { throw error }
            return
        }
        // A directory that was put there says what it is only once it was read.
        if let sha256 = try order.announcedDigest, record.acquisition.content.sha256 != sha256 {
            return try Self.refuseReplacing(record)
        }
        guard case .refused = Lifecycle.outcome(of: .acquire, in: record.state) else { return }
        throw .taken(record)
    }

    private func receive(
        _ order: IntakeOrder, _ lease: BlobLease, _ progress: WorkProgress?
    ) async throws(RegistryError) -> (ContentIdentity.Layout, String, [ReceivedFile]) {
        switch order.bytes {
        case .received(let staged, let filename):
            let path = try Self.path(filename.lastComponent)
            let file = try await files.keep(staged, at: path, expecting: order.sha256, lease, progress)
            guard let file else { throw .collectedMeanwhile }
            return (.file, path.description, [file])
        case .set(let set, let filename):
            return (.directory, filename.lastComponent, try await received.take(set, lease, progress))
        case .source(let path): return try await receive(try await opened(path), at: path, order, lease, progress)
        case .opened(let source, let path): return try await receive(source, at: path, order, lease, progress)
        }
    }

    private func receive(
        _ source: Source, at path: RelativePath, _ order: IntakeOrder, _ lease: BlobLease, _ progress: WorkProgress?
    ) async throws(RegistryError) -> (ContentIdentity.Layout, String, [ReceivedFile]) {
        switch source {
        case .file(let file):
            guard let sha256 = order.sha256 else {
                throw RegistryError(.missingField, "A file is acquired by its sha256.", detail: ["field": "sha256"])
            }
            try Self.check(order.sizeBytes, file.sizeBytes)
            let name = try Self.path(path.lastComponent)
            let received = try await files.takeIn(file, at: name, expecting: sha256, lease, progress)
            return (.file, name.description, [received])
        case .directory(let tree):
            guard !tree.paths.isEmpty else { throw RegistryError(SourceFault.empty, path) }
            let files = files
            let received = try await heavyWork.spread(over: tree.paths, atOnceMax: filesAtOnceMax, progress) {
                inner, progress async throws(RegistryError) in
                let file = try await throughSource(inner) { () async throws(SourceFault) in try await tree.open(inner) }
                return try await files.takeIn(file, at: inner, expecting: nil, lease, progress)
            }
            return (.directory, path.lastComponent, received)
        }
    }

    private func opened(_ path: RelativePath) async throws(RegistryError) -> Source {
        try await throughSource(path) { () async throws(SourceFault) in try await sources.open(path) }
    }

    private func identify(
        _ order: IntakeOrder, _ layout: ContentIdentity.Layout, _ filename: String, _ files: [ReceivedFile]
    ) throws(RegistryError) -> ContentIdentity {
        let size = files.reduce(UInt64(0)) { $0 &+ $1.file.sizeBytes }
        try Self.check(order.sizeBytes, size)
        let sha256: Digest
        do {
            sha256 =
                layout == .directory
                ? try DirectoryListing.digest(of: files.map { ($0.file.path, $0.file.digest) })
                : files[0].file.digest
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
        let inspections = files.compactMap { examination.kept($0.file, $0.report, $0.tensorDigests) }
        return try await ledger.write(caller) { entry in
            if let record = try entry.recordIfAny(named: order.name) {
                // An earlier release may have written another manifest for the same bytes.
                let isSame = record.key == key || record.acquisition.content == content
                if isSame, record.state != .revoked, record.state != .deleted { return (record, false) }
                guard !isSame else { throw RegistryError.taken(record) }
                try Self.refuseReplacing(record)
                // The name had these bytes before and lost them to others: that version's history has ended.
                if let earlier = try entry.recordIfAny(key) { throw RegistryError.taken(earlier) }
                try entry.append(.deleted(reason: "replaced by \(key.version)"), to: record)
            } else if let earlier = try entry.recordIfAny(key) {
                // The same manifest was pushed, and goes by the name of its repository.
                throw RegistryError.taken(earlier)
            } else if try entry.nameOverlaps(order.name, in: .default) {
                throw RegistryError(
                    .nameConflict, "\(order.name) would be a folder of another artifact, or lie in one.")
            }
            try entry.put(manifest: built.manifest, blobs: files.map(\.file.digest), key: key, name: order.name)
            try entry.put(document: built.config)
            for inspection in inspections { try entry.put(inspection) }
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
