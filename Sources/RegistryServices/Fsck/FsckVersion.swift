import OCI
import RegistryCore
import RegistryPorts

extension Fsck {
    /// One version: history against record, and everything that the two name.
    func checkVersion(
        _ key: ArtifactKey, _ name: ArtifactName, _ report: inout FsckReport, _ pending: Set<ArtifactName>
    ) async throws(RegistryError) {
        guard let replayed = try await replay(key, name, &report) else { return }
        let sealed = try await read { () async throws(StorageFault) in try await store.record(key) }
        guard let sealed else {
            report.add(.recordMissing, name, "the log speaks of \(key.version) and there is no record of it")
            return
        }
        do { _ = try sealer.open(sealed) } catch {
            report.add(.recordForged, name, "the record does not carry the registry's seal")
        }
        if sealed.record != replayed {
            report.add(
                .recordDiffers, name,
                "the record says \(sealed.record.state.rawValue), its history says \(replayed.state.rawValue)")
        }
        guard replayed.state.keepsBytes else { return }
        let files: [ArtifactFile]
        do { files = try await manifests.files(of: key) } catch {
            report.add(.manifestDamaged, name, "the manifest is missing or altered")
            return
        }
        for file in files { try await check(file, name, &report) }
        try await checkView(replayed, files, &report, pending)
    }

    /// - Returns: the record that the events give; `nil` when they give none.
    private func replay(
        _ key: ArtifactKey, _ name: ArtifactName, _ report: inout FsckReport
    ) async throws(RegistryError) -> ArtifactRecord? {
        var record: ArtifactRecord?
        var next: UInt64 = 0
        while true {
            let start = next
            let page = try await read { () async throws(StorageFault) in
                try await store.entries(of: key, from: start, limit: Self.pageSize)
            }
            for entry in page {
                do {
                    let event = try RegistryEvent(decoding: entry.bytes, index: entry.index)
                    record = try ArtifactRecord.replaying(event, onto: record)
                    try await checkEvidence(event, name, &report)
                } catch let error as RegistryError {
                    throw error
                } catch {
                    report.add(.historyIllegal, name, "event \(entry.index) cannot follow the ones before it: \(error)")
                    return nil
                }
                next = entry.index + 1
            }
            guard page.count == Self.pageSize else { return record }
        }
    }

    /// Every document that an event cites is there and hashes to what the event says.
    private func checkEvidence(
        _ event: RegistryEvent, _ name: ArtifactName, _ report: inout FsckReport
    ) async throws(RegistryError) {
        for digest in event.body.cited {
            let document = try await read { () async throws(StorageFault) in
                try await store.evidenceDocument(digest)
            }
            guard let document else {
                report.add(.evidenceMissing, name, "event \(event.index) cites \(digest), which is not there")
                continue
            }
            guard let actual = try? Digest(hashing: document), actual == digest else {
                report.add(.evidenceDamaged, name, "the evidence \(digest) was altered")
                continue
            }
        }
    }

    private func check(
        _ file: ArtifactFile, _ name: ArtifactName, _ report: inout FsckReport
    ) async throws(RegistryError) {
        let uses = try await read { () async throws(StorageFault) in try await store.uses(of: file.digest) }
        if uses.kept == 0 {
            report.add(.blobUnused, name, "\(file.digest) is not marked as used: collection would remove it")
        }
        guard isDeep else {
            let identity = try await read { () async throws(StorageFault) in try await blobs.identity(of: file.digest) }
            guard let identity else {
                report.add(.blobMissing, name, "\(file.path): \(file.digest) is not there")
                return
            }
            if identity.sizeBytes != file.sizeBytes {
                report.add(.blobDamaged, name, "\(file.path): \(identity.sizeBytes) bytes, not \(file.sizeBytes)")
            }
            return
        }
        let check = try await read { () async throws(StorageFault) in
            try await blobs.verify(
                file.digest, sizeBytes: file.sizeBytes, linksAtMost: 1 + uses.trusted, hashing: [], pace: .full,
                progress: nil)
        }
        switch check {
        case .intact: return
        case .missing: report.add(.blobMissing, name, "\(file.path): \(file.digest) is not there")
        case .otherSize, .otherBytes, .notARegularFile, .linkedElsewhere, .unreadable:
            report.add(.blobDamaged, name, "\(file.path): not the admitted bytes")
        }
    }

    private func checkView(
        _ record: ArtifactRecord, _ files: [ArtifactFile], _ report: inout FsckReport, _ pending: Set<ArtifactName>
    ) async throws(RegistryError) {
        guard record.state == .trusted, !pending.contains(record.name) else { return }
        let shown = try await read { () async throws(StorageFault) in
            try await views.shows(record.name, files: files.map(\.viewed))
        }
        if !shown { report.add(.viewMissing, record.name, "the view does not show the admitted files") }
    }
}

extension RegistryEvent.Body {
    /// The digests of documents that the event rests on.
    var cited: [Digest] {
        switch self {
        case .inspected(let outcome): [outcome.evidence]
        case .promoted(let admittance), .refused(let admittance, _):
            [admittance.decision] + (admittance.claims.map { [$0] } ?? [])
        case .acquired, .quarantined, .revoked, .deleted, .policyActivated, .bootLockRead: []
        }
    }
}
