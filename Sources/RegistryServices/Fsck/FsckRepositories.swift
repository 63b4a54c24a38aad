import OCI
import RegistryCore
import RegistryPorts

/// Repositories as the log gives them, to be held against the rows.
struct FsckRepositories {
    private struct Contents {
        var manifests: Set<Digest> = []
        var tags: [Tag: Pointer] = [:]
    }

    private struct Pointer {
        var version: Digest
        var eventIndex: UInt64
        var time: Timestamp
    }

    private var repositories: [RepositoryKey: Contents] = [:]

    mutating func follow(_ event: RegistryEvent) {
        guard case .repository(let key) = event.subject else { return }
        switch event.body {
        case .tagged(let tag, let version, _):
            repositories[key, default: Contents()].tags[tag] = Pointer(
                version: version, eventIndex: event.index, time: event.time)
        case .untagged(let tag, _): repositories[key]?.tags[tag] = nil
        case .placed(let version): repositories[key, default: Contents()].manifests.insert(version)
        case .removed(let version): repositories[key]?.manifests.remove(version)
        default: break
        }
    }

    /// The first event of a version puts it into the repository of its name.
    mutating func follow(first event: RegistryEvent) {
        guard case .artifact(let key, let name) = event.subject, let pushed = name.pushed else { return }
        let repository = RepositoryKey(tenant: key.tenant, name: pushed.repository)
        repositories[repository, default: Contents()].manifests.insert(key.version)
    }

    func check(with fsck: Fsck, _ report: inout FsckReport) async throws(RegistryError) {
        var known = Set(repositories.keys)
        var after: String?
        while true {
            let start = after
            let page = try await fsck.readable("repositories", .placeDiffers, &report) {
                () async throws(StorageFault) in
                try await fsck.store.repositories(in: .default, after: start, limit: Fsck.pageSize)
            }
            known.formUnion((page ?? []).map { RepositoryKey(name: $0) })
            guard page?.count == Fsck.pageSize, let last = page?.last else { break }
            after = last.description
        }
        for key in known.sorted(by: { $0.name < $1.name }) {
            let contents = repositories[key] ?? Contents()
            try await checkTags(contents, of: key, fsck, &report)
            try await checkManifests(contents, of: key, fsck, &report)
        }
    }

    private func checkTags(
        _ contents: Contents, of key: RepositoryKey, _ fsck: Fsck, _ report: inout FsckReport
    ) async throws(RegistryError) {
        var missing = contents.tags
        var after: String?
        while true {
            let start = after
            let page = try await fsck.readable(key.name.description, .tagDiffers, &report) {
                () async throws(StorageFault) in
                try await fsck.store.tags(in: key, after: start, limit: Fsck.pageSize)
            }
            guard let page else { return }
            for row in page {
                let subject = "\(key.name):\(row.tag)"
                if (try? fsck.sealer.open(row, in: key)) == nil {
                    report.add(.tagForged, subject, "the tag does not carry the registry's seal")
                }
                guard let pointer = missing.removeValue(forKey: row.tag) else {
                    report.add(.tagDiffers, subject, "the tag points at \(row.version), and no event lets it")
                    continue
                }
                guard row.version == pointer.version, row.eventIndex == pointer.eventIndex, row.time == pointer.time
                else {
                    report.add(
                        .tagDiffers, subject,
                        "the tag points at \(row.version), and the newest event lets it point at \(pointer.version)")
                    continue
                }
            }
            guard page.count == Fsck.pageSize, let last = page.last else { break }
            after = last.tag.description
        }
        for (tag, pointer) in missing.sorted(by: { $0.key < $1.key }) {
            report.add(.tagDiffers, "\(key.name):\(tag)", "the tag of \(pointer.version) is missing")
        }
    }

    private func checkManifests(
        _ contents: Contents, of key: RepositoryKey, _ fsck: Fsck, _ report: inout FsckReport
    ) async throws(RegistryError) {
        var missing = contents.manifests
        var after: Int64 = 0
        while true {
            let start = after
            let page = try await fsck.readable(key.name.description, .placeDiffers, &report) {
                () async throws(StorageFault) in
                try await fsck.store.manifests(in: key, after: start, limit: Fsck.pageSize)
            }
            guard let page else { return }
            for placed in page where missing.remove(placed.version) == nil {
                report.add(.placeDiffers, "\(key.name)@\(placed.version)", "no event puts the manifest there")
            }
            report.add(
                try await fsck.checkEach(page) { placed throws(RegistryError) in
                    try await Self.problems(of: placed.version, in: key, fsck)
                })
            guard page.count == Fsck.pageSize, let last = page.last else { break }
            after = last.id
        }
        report.add(
            try await fsck.checkEach(missing.sorted()) { version throws(RegistryError) in
                // A deleted version may have lost its manifest, and with it what that brought.
                let bytes = try await Self.manifest(version, fsck)
                return bytes == nil
                    ? [] : [FsckProblem(.placeDiffers, "\(key.name)@\(version)", "the manifest is not there")]
            })
    }

    /// What the rows say that a manifest brought is what its bytes bring.
    private static func problems(
        of version: Digest, in key: RepositoryKey, _ fsck: Fsck
    ) async throws(RegistryError) -> [FsckProblem] {
        guard let bytes = try await manifest(version, fsck) else { return [] }
        let subject = "\(key.name)@\(version)"
        guard let place = try? ManifestPlace(version: version, manifest: bytes) else {
            return [FsckProblem(.placeDiffers, subject, "what is there is no manifest")]
        }
        let stored: ManifestPlace?
        do { stored = try await fsck.store.place(of: version, in: key) } catch {
            guard case .corrupted(let reason) = error else { throw RegistryError(error) }
            return [FsckProblem(.placeDiffers, subject, reason)]
        }
        guard let stored else { return [] }
        var problems: [FsckProblem] = []
        func compare<Value: Equatable>(_ left: Value, _ right: Value, _ what: String) {
            guard left != right else { return }
            problems.append(FsckProblem(.placeDiffers, subject, "\(what) are not those of the manifest"))
        }
        compare(Set(stored.blobs), Set(place.blobs), "the blobs that it brings")
        compare(Set(stored.children), Set(place.children), "the manifests that it lists")
        compare(stored.referrer, place.referrer, "the subject and the descriptor among its referrers")
        return problems
    }

    /// - Returns: `nil` when it is missing or damaged, which is said of its version.
    private static func manifest(_ version: Digest, _ fsck: Fsck) async throws(RegistryError) -> [UInt8]? {
        do { return try await fsck.manifests.document(version) } catch {
            guard error.isDamage else { throw error }
            return nil
        }
    }
}
