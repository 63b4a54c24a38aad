public import OCI
public import RegistryCore
public import RegistryPorts

/// Takes manifests out of repositories that nothing there leads to any more, after the time that a rule gives.
///
/// A manifest stays while a tag points at it, while an index that stays names it, while it is about a manifest that
/// stays, and for as long as the rule says after it was pushed or a tag last pointed at it, so that a moved tag can be
/// moved back. Only what is `acquired` goes: what was trusted, quarantined or revoked is for people to remove.
///
/// Manifests are asked for what they name, and the log beside the rows for tags: an index that lost rows costs nobody a
/// manifest. Where something cannot be read the repository is left alone, and the others have their turn.
public struct Retention: Sendable {
    public struct Result: Sendable, Hashable {
        /// Manifests that were taken out, or would be.
        public var manifests: UInt64 = 0
        /// Bytes of blobs that only those name in their repository.
        public var bytes: UInt64 = 0
        /// Manifests that stay only because somebody put them there a moment ago, or may have.
        public var putLately: UInt64 = 0
        /// Repositories that were left alone, or in the middle, for a fault or for their size.
        public var repositoriesLeft: UInt64 = 0
        /// The first one.
        public var fault: Fault?
    }

    /// Why a repository was left alone.
    public struct Fault: Sendable, Hashable {
        /// `nil` when the repositories could not be listed.
        public var repository: RepositoryName?
        public var code: ErrorCode
        public var message: String
    }

    /// Manifests of one repository that are held in memory; repositories with more are left alone.
    public static let manifestsMax = 20_000
    /// The same of what its indexes list and of what its manifests name that may go.
    public static let descriptorsMax = 1_000_000
    private static let pageSize = 500

    private let rules: RetentionRules
    private let store: any MetadataReader
    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let removal: ManifestRemoval
    private let now: @Sendable () -> Timestamp
    private let descriptorsMax: Int

    /// - Parameters:
    ///   - removal: that of the door by which manifests come in.
    ///   - descriptorsMax: repositories with more are left alone.
    public init(
        _ rules: RetentionRules, store: any MetadataReader, directory: ArtifactDirectory,
        manifests: ArtifactManifests, removal: ManifestRemoval, ledger: Ledger,
        descriptorsMax: Int = Retention.descriptorsMax
    ) {
        self.descriptorsMax = descriptorsMax
        self.rules = rules
        self.store = store
        self.directory = directory
        self.manifests = manifests
        self.removal = removal
        now = { ledger.now() }
    }

    /// - Parameters:
    ///   - isRehearsal: count, and remove nothing.
    ///   - pace: how much it does in a second; `nil` for as much as it can.
    /// - Returns: also what kept it from a repository: nothing goes where it cannot be known what leads where.
    /// - Throws: `.overloaded` when it was broken off, and nothing else.
    public func run(isRehearsal: Bool, pace: CollectionPace? = nil) async throws(RegistryError) -> Result {
        var result = Result()
        guard !rules.isEmpty else { return result }
        var last: String?
        while true {
            let after = last
            let page: [RepositoryName]
            do throws(RegistryError) {
                page = try await throughStore { () async throws(StorageFault) in
                    try await store.repositories(in: .default, after: after, limit: Self.pageSize)
                }
            } catch {
                try Self.goOn()
                result.fault = result.fault ?? Fault(repository: nil, code: error.code, message: error.message)
                return result
            }
            for name in page {
                guard let seconds = rules.seconds(for: name) else { continue }
                let limit = Timestamp(clamping: now().milliseconds - seconds * 1_000)
                do throws(RegistryError) {
                    try await run(RepositoryKey(name: name), limit, isRehearsal: isRehearsal, pace, &result)
                } catch {
                    try Self.goOn()
                    result.repositoriesLeft += 1
                    result.fault = result.fault ?? Fault(repository: name, code: error.code, message: error.message)
                }
            }
            guard page.count == Self.pageSize, let end = page.last else { return result }
            last = end.description
        }
    }

    private static func goOn() throws(RegistryError) {
        guard !Task.isCancelled else { throw RegistryError(.overloaded, "The collection was broken off.") }
    }

    private func run(
        _ repository: RepositoryKey, _ limit: Timestamp, isRehearsal: Bool, _ pace: CollectionPace?,
        _ result: inout Result
    ) async throws(RegistryError) {
        guard let held = try await held(by: repository, since: limit, pace) else {
            result.repositoriesLeft += 1
            return
        }
        let spoken = try await history(of: repository, since: limit, pace)
        var reached: Set<Digest> = []
        for (version, manifest) in held where manifest.staysByItself || spoken.contains(version) {
            reached.insert(version)
        }
        Self.follow(held, from: Array(reached), &reached)
        let time = now()
        let late = held.keys.filter { version in
            !reached.contains(version) && removal.wasPutLately(version, in: repository, at: time)
        }
        result.putLately += UInt64(late.count)
        reached.formUnion(late)
        Self.follow(held, from: late, &reached)
        let unreached = Self.parentsFirst(held.filter { !reached.contains($0.key) })
        guard !unreached.isEmpty else { return }
        guard !isRehearsal else {
            result.bytes &+= try await bytes(namedBy: unreached, andNotBy: reached, pace)
            result.manifests += UInt64(unreached.count)
            return
        }
        for version in unreached {
            try Self.goOn()
            let freed = try await removal.removeUnreached(
                version, try await manifest(version), from: repository, since: limit)
            guard let freed else { continue }
            result.manifests += 1
            result.bytes &+= freed
            await pace?.rest(after: 1)
        }
    }

    /// What the blobs have that go with manifests and that none of those names which stay.
    private func bytes(
        namedBy unreached: [Digest], andNotBy reached: Set<Digest>, _ pace: CollectionPace?
    ) async throws(RegistryError) -> UInt64 {
        var named: [Digest: UInt64] = [:]
        for version in unreached {
            try Self.goOn()
            for blob in try await manifest(version).blobs { named[blob.digest] = blob.size }
            await pace?.rest(after: 1)
        }
        for version in reached where !named.isEmpty {
            try Self.goOn()
            for blob in try await manifest(version).blobs { named[blob.digest] = nil }
            await pace?.rest(after: 1)
        }
        return named.values.reduce(0, &+)
    }

    private func manifest(_ version: Digest) async throws(RegistryError) -> ManifestDocument {
        let bytes = try await manifests.document(version)
        guard let document = try? ManifestDocument(parsing: bytes) else {
            throw RegistryError(.recordTampered, "The manifest \(version) cannot be read: run `pratique fsck`.")
        }
        return document
    }

    /// A manifest of the repository, and where it leads.
    private struct Held: Sendable {
        /// For its state, its age or a tag.
        var staysByItself: Bool
        /// What an index lists.
        var children: [Digest]
        var subject: Digest?
    }

    /// - Returns: `nil` where there are more than are looked at.
    private func held(
        by repository: RepositoryKey, since limit: Timestamp, _ pace: CollectionPace?
    ) async throws(RegistryError) -> [Digest: Held]? {
        var held: [Digest: Held] = [:]
        var descriptors = 0
        var after: Int64 = 0
        while true {
            let start = after
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.manifests(in: repository, after: start, limit: Self.pageSize)
            }
            for placed in page {
                try Self.goOn()
                let (version, document) = (placed.version, try await manifest(placed.version))
                let staysByItself = try await staysByItself(version, in: repository, since: limit)
                descriptors += document.children.count + (staysByItself ? 0 : document.blobs.count)
                guard held.count < Self.manifestsMax, descriptors <= descriptorsMax else { return nil }
                held[version] = Held(
                    staysByItself: staysByItself, children: document.children.map(\.digest),
                    subject: document.subject?.digest)
            }
            guard page.count == Self.pageSize, let last = page.last else { return held }
            after = last.id
            await pace?.rest(after: page.count)
        }
    }

    private func staysByItself(
        _ version: Digest, in repository: RepositoryKey, since limit: Timestamp
    ) async throws(RegistryError) -> Bool {
        let record: ArtifactRecord
        do {
            record = try await directory.record(of: ArtifactKey(tenant: repository.tenant, version: version))
        } catch {
            guard error.code == .artifactNotFound else { throw error }
            throw RegistryError(.recordTampered, "The record of \(version) is missing: run `pratique fsck`.")
        }
        let tags = try await throughStore { () async throws(StorageFault) in
            try await store.tags(of: version, in: repository, after: nil, limit: 1)
        }
        let isOld = record.acquiredAt < limit && record.stateSince < limit
        let mayGo = record.state == .acquired && record.acquisition.content.layout == .manifest && isOld
        return !tags.isEmpty || !mayGo
    }

    /// Manifests that a tag points at by what the log says, and those that it speaks of since `limit`.
    private func history(
        of repository: RepositoryKey, since limit: Timestamp, _ pace: CollectionPace?
    ) async throws(RegistryError) -> Set<Digest> {
        var spoken: Set<Digest> = []
        var seen: Set<Tag> = []
        var end: UInt64?
        while true {
            let before = end
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.entries(
                    of: EntryPlace(repository: repository, tag: nil), before: before, limit: Self.pageSize)
            }
            for entry in page {
                guard let event = try? RegistryEvent(decoding: entry.bytes, index: entry.index) else {
                    throw RegistryError(.recordTampered, "Entry \(entry.index) of the log cannot be read.")
                }
                let isLate = event.time >= limit
                switch event.body {
                case .tagged(let tag, let version, let previous):
                    if seen.insert(tag).inserted || isLate { spoken.insert(version) }
                    if isLate, let previous { spoken.insert(previous) }
                case .untagged(let tag, let version):
                    seen.insert(tag)
                    if isLate { spoken.insert(version) }
                case .placed(let version), .reviewed(let version):
                    if isLate { spoken.insert(version) }
                default: continue
                }
            }
            try Self.goOn()
            guard page.count == Self.pageSize, let last = page.last else { return spoken }
            end = last.index
            await pace?.rest(after: page.count)
        }
    }

    /// Adds what indexes that stay name, and what is about manifests that stay.
    private static func follow(_ held: [Digest: Held], from start: [Digest], _ reached: inout Set<Digest>) {
        var about: [Digest: [Digest]] = [:]
        for (version, manifest) in held {
            if let subject = manifest.subject { about[subject, default: []].append(version) }
        }
        var next = start
        while let version = next.popLast() {
            let led = (held[version]?.children ?? []) + (about[version] ?? [])
            for other in led where held[other] != nil && reached.insert(other).inserted { next.append(other) }
        }
    }

    /// Indexes before what they name, and subjects before what is about them.
    private static func parentsFirst(_ unreached: [Digest: Held]) -> [Digest] {
        var parents: [Digest: Int] = [:]
        var led: [Digest: [Digest]] = [:]
        for (version, manifest) in unreached {
            for child in Set(manifest.children) where unreached[child] != nil {
                parents[child, default: 0] += 1
                led[version, default: []].append(child)
            }
            if let subject = manifest.subject, unreached[subject] != nil {
                parents[version, default: 0] += 1
                led[subject, default: []].append(version)
            }
        }
        var next = unreached.keys.filter { parents[$0] == nil }.sorted()
        var order: [Digest] = []
        while let version = next.popLast() {
            order.append(version)
            for other in led[version] ?? [] {
                parents[other, default: 0] -= 1
                if parents[other] == 0 { next.append(other) }
            }
        }
        return order
    }
}
