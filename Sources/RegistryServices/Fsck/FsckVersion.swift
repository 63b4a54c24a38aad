import OCI
import RegistryCore
import RegistryPorts

/// One version: history against record, and everything that the two name.
struct FsckVersion {
    /// Users of one blob that are looked through for each of them.
    private static let usersMax: UInt64 = 64

    let fsck: Fsck
    let key: ArtifactKey
    let name: ArtifactName
    /// Names whose views still have to follow the state: what they show now means nothing.
    let pending: Set<ArtifactName>
    private(set) var problems: [FsckProblem] = []

    private var store: any MetadataReader { fsck.store }

    init(fsck: Fsck, key: ArtifactKey, name: ArtifactName, pending: Set<ArtifactName>) {
        self.fsck = fsck
        self.key = key
        self.name = name
        self.pending = pending
    }

    mutating func run() async throws(RegistryError) {
        guard let replayed = try await replay() else { return }
        let isRecorded = try await checkRecord(replayed)
        guard replayed.state.keepsBytes else { return }
        if isRecorded { try await checkName() }
        let files: [ArtifactFile]
        do { files = try await fsck.manifests.files(of: key) } catch {
            guard error.isDamage else { throw error }
            return add(.manifestDamaged, "the manifest is missing or altered")
        }
        for file in files { try await check(file) }
        try await checkView(replayed, files)
    }

    private mutating func add(_ code: FsckProblem.Code, _ sentence: String) {
        problems.append(FsckProblem(code, name.description, sentence))
    }

    /// - Returns: whether there is a record at all.
    private mutating func checkRecord(_ replayed: ArtifactRecord) async throws(RegistryError) -> Bool {
        let sealed: SealedRecord?
        do { sealed = try await store.record(key) } catch {
            guard case .corrupted(let reason) = error else { throw RegistryError(error) }
            add(.recordUnreadable, reason)
            return false
        }
        guard let sealed else {
            add(.recordMissing, "the log speaks of \(key.version) and there is no record of it")
            return false
        }
        do { _ = try fsck.sealer.open(sealed) } catch {
            add(.recordForged, "the record does not carry the registry's seal")
        }
        if !sealed.record.isReplay(replayed) {
            add(
                .recordDiffers,
                sealed.record.state == replayed.state
                    ? "the record is not the one that its history gives"
                    : "the record says \(sealed.record.state.rawValue), its history says \(replayed.state.rawValue)")
        }
        return true
    }

    /// A version that keeps its bytes is the one that its name points at: every other one was deleted when it lost it.
    private mutating func checkName() async throws(RegistryError) {
        do {
            let target = try await store.record(named: name, in: key.tenant)?.record.key.version
            guard target != key.version else { return }
            add(.nameElsewhere, "the name points at \(target.map { "\($0)" } ?? "nothing"), not at \(key.version)")
        } catch {
            guard case .corrupted(let reason) = error else { throw RegistryError(error) }
            add(.recordUnreadable, reason)
        }
    }

    /// - Returns: the record that the events give; `nil` when they give none.
    private mutating func replay() async throws(RegistryError) -> ArtifactRecord? {
        var record: ArtifactRecord?
        var next: UInt64 = 0
        var cited: [EvidenceEntry] = []
        while true {
            let (store, key, start) = (store, key, next)
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.entries(of: key, from: start, limit: Fsck.pageSize)
            }
            for entry in page {
                do {
                    let event = try RegistryEvent(decoding: entry.bytes, index: entry.index)
                    record = try ArtifactRecord.replaying(event, onto: record)
                    cited += event.cited
                } catch {
                    add(.historyIllegal, "event \(entry.index) cannot follow the ones before it: \(error)")
                    return nil
                }
                next = entry.index + 1
            }
            guard page.count == Fsck.pageSize else { break }
        }
        try await check(cited)
        return record
    }

    /// Every document that an event cites is there, hashes to what the event says, and is listed.
    private mutating func check(_ cited: [EvidenceEntry]) async throws(RegistryError) {
        guard !cited.isEmpty else { return }
        let (store, key) = (store, key)
        var listed = try await throughStore { () async throws(StorageFault) in try await store.evidence(of: key) }
        for entry in cited {
            guard let place = listed.firstIndex(where: { $0.isSameCitation(as: entry) }) else {
                add(.evidenceUnlisted, "event \(entry.eventIndex) cites \(entry.digest), which is not listed")
                continue
            }
            let expected = listed.remove(at: place).sizeBytes
            let document: [UInt8]?
            do { document = try await store.evidenceDocument(entry.digest) } catch {
                guard case .corrupted(let reason) = error else { throw RegistryError(error) }
                add(.evidenceDamaged, reason)
                continue
            }
            guard let document else {
                add(.evidenceMissing, "event \(entry.eventIndex) cites \(entry.digest), which is not there")
                continue
            }
            guard let actual = try? Digest(hashing: document), actual == entry.digest,
                UInt64(document.count) == expected
            else {
                add(.evidenceDamaged, "the evidence \(entry.digest) was altered")
                continue
            }
        }
        for entry in listed { add(.evidenceUnlisted, "\(entry.digest) is listed, and no event cites it") }
    }

    private mutating func check(_ file: ArtifactFile) async throws(RegistryError) {
        let (store, blobs) = (store, fsck.blobs)
        let uses = try await throughStore { () async throws(StorageFault) in try await store.uses(of: file.digest) }
        if try await !isMarked(file, uses) {
            add(.blobUnused, "\(file.digest) is not marked as used by this version: collection might remove it")
        }
        guard !fsck.isDeep else { return try await hash(file, uses) }
        let identity = try await throughStore { () async throws(StorageFault) in
            try await blobs.identity(of: file.digest)
        }
        guard let identity else { return add(.blobMissing, "\(file.path): \(file.digest) is not there") }
        if identity.sizeBytes != file.sizeBytes {
            add(.blobDamaged, "\(file.path): \(identity.sizeBytes) bytes, not \(file.sizeBytes)")
        }
        try await checkLinks(identity.links, of: file, uses)
    }

    private func isMarked(_ file: ArtifactFile, _ uses: BlobUses) async throws(RegistryError) -> Bool {
        // What is shared by more is safe as long as any of them stays.
        guard uses.kept > 0, uses.kept <= Self.usersMax else { return uses.kept > 0 }
        let (store, key) = (store, key)
        return try await throughStore { () async throws(StorageFault) in
            var walk = BlobUserWalk(store, of: file.digest)
            while let users = try await walk.next() {
                if users.contains(key) { return true }
            }
            return false
        }
    }

    /// One name in the store, and one for each path in the views of trusted artifacts; pending views may be on their
    /// way.
    private mutating func checkLinks(
        _ links: UInt64, of file: ArtifactFile, _ uses: BlobUses
    ) async throws(RegistryError) {
        guard links > 1 + uses.shown else { return }
        let store = store
        var onTheirWay: UInt64 = 0
        var walk = BlobUserWalk(store, of: file.digest)
        while let users = try await throughStore({ () async throws(StorageFault) in try await walk.next() }) {
            for key in users {
                let user = try await throughStore { () async throws(StorageFault) in
                    try await store.record(key)?.record
                }
                guard let user, pending.contains(user.name), let files = try? await fsck.manifests.files(of: key)
                else { continue }
                onTheirWay += UInt64(files.count { $0.digest == file.digest })
            }
        }
        guard links > 1 + uses.shown + onTheirWay else { return }
        add(.blobDamaged, "\(file.path): \(links) links, more than the registry made")
    }

    private mutating func hash(_ file: ArtifactFile, _ uses: BlobUses) async throws(RegistryError) {
        let blobs = fsck.blobs
        let check = try await throughStore { () async throws(StorageFault) in
            try await blobs.verify(
                file.digest, sizeBytes: file.sizeBytes, hashing: [], pace: .full, progress: nil)
        }
        switch check {
        case .intact(let identity, _): try await checkLinks(identity.links, of: file, uses)
        case .missing: add(.blobMissing, "\(file.path): \(file.digest) is not there")
        case .otherSize, .otherBytes, .notARegularFile, .unreadable:
            add(.blobDamaged, "\(file.path): not the admitted bytes")
        }
    }

    private mutating func checkView(
        _ record: ArtifactRecord, _ files: [ArtifactFile]
    ) async throws(RegistryError) {
        guard record.state == .trusted, !pending.contains(name) else { return }
        let (views, name) = (fsck.views, name)
        let shown = try await throughStore { () async throws(StorageFault) in
            try await views.shows(name, files: files.map(\.viewed))
        }
        if !shown { add(.viewMissing, "the view does not show the admitted files") }
    }
}

extension RegistryEvent {
    /// The documents that the event rests on. Their sizes are not in the log.
    var cited: [EvidenceEntry] {
        let documents: [(EvidenceEntry.Kind, Digest)] =
            switch body {
            case .inspected(let outcome): [(.inspection, outcome.evidence)]
            case .promoted(let admittance), .refused(let admittance, _):
                [(.decision, admittance.decision)] + (admittance.claims.map { [(.claim, $0)] } ?? [])
            case .recheckFailed(let recheck): [(.decision, recheck.decision)]
            case .attested(let bundle): [(.attestation, bundle)]
            case .acquired, .quarantined, .revoked, .deleted, .policyActivated, .bootLockRead, .tagged, .untagged,
                .placed, .removed, .reviewed, .pushed, .waived, .waiverEnded:
                []
            }
        return documents.map { kind, digest in
            EvidenceEntry(kind: kind, digest: digest, sizeBytes: 0, time: time, eventIndex: index)
        }
    }
}

extension ArtifactRecord {
    /// Earlier programs wrote no publishers down, and what they wrote lets fewer people read than the history says.
    fileprivate func isReplay(_ replayed: ArtifactRecord) -> Bool {
        var expected = replayed
        if Set(pushedBy).isSubset(of: replayed.pushedBy) { expected.pushedBy = pushedBy }
        return self == expected
    }
}

extension EvidenceEntry {
    fileprivate func isSameCitation(as other: EvidenceEntry) -> Bool {
        kind == other.kind && digest == other.digest && eventIndex == other.eventIndex && time == other.time
    }
}

extension RegistryError {
    /// Stored data is not what it should be, as opposed to a store that does not answer.
    var isDamage: Bool { code == .recordTampered || code == .integrityFailed }
}
