import OCI
public import RegistryCore
public import RegistryPorts

/// Takes manifests out of repositories that nothing there leads to any more, after the time that a rule gives.
///
/// A manifest stays while a tag points at it, while an index that stays names it, while it is about a manifest that
/// stays, and for as long as the rule says after it was pushed or a tag last pointed at it, so that a moved tag can be
/// moved back. Only what is `acquired` goes: what was trusted, quarantined or revoked is for people to remove.
///
/// Manifests are asked for what they name, and the log beside the rows for tags: an index that lost rows costs nobody a
/// manifest. What cannot be read ends the run before anything of that repository goes.
public struct Retention: Sendable {
    public struct Result: Sendable, Hashable {
        /// Manifests that were taken out, or would be.
        public var manifests: UInt64 = 0
        /// Bytes of blobs that only those name in their repository.
        public var bytes: UInt64 = 0
    }

    /// Manifests of one repository that are held in memory; repositories with more are left alone.
    public static let manifestsMax = 20_000
    private static let pageSize = 500

    private let rules: RetentionRules
    private let store: any MetadataReader
    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let removal: ManifestRemoval
    private let now: @Sendable () -> Timestamp

    /// - Parameter removal: that of the door by which manifests come in.
    public init(
        _ rules: RetentionRules, store: any MetadataReader, directory: ArtifactDirectory,
        manifests: ArtifactManifests, removal: ManifestRemoval, ledger: Ledger
    ) {
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
    /// - Throws: `.recordTampered` when it cannot be known what leads where; `.overloaded` when it was broken off;
    ///   storage faults.
    public func run(isRehearsal: Bool, pace: CollectionPace? = nil) async throws(RegistryError) -> Result {
        var result = Result()
        guard !rules.isEmpty else { return result }
        var last: String?
        while true {
            let after = last
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.repositories(in: .default, after: after, limit: Self.pageSize)
            }
            for name in page {
                guard let seconds = rules.seconds(for: name) else { continue }
                let limit = Timestamp(clamping: now().milliseconds - seconds * 1_000)
                try await run(RepositoryKey(name: name), limit, isRehearsal: isRehearsal, pace, &result)
            }
            guard page.count == Self.pageSize, let end = page.last else { return result }
            last = end.description
        }
    }

    private func run(
        _ repository: RepositoryKey, _ limit: Timestamp, isRehearsal: Bool, _ pace: CollectionPace?,
        _ result: inout Result
    ) async throws(RegistryError) {
        guard let held = try await held(by: repository, since: limit, pace) else { return }
        let spoken = try await history(of: repository, since: limit, pace)
        var reached: Set<Digest> = []
        for (version, manifest) in held {
            if manifest.staysByItself || spoken.contains(version) { reached.insert(version) }
        }
        Self.follow(held, &reached)
        let unreached = held.filter { !reached.contains($0.key) }
        let kept = held.filter { reached.contains($0.key) }.values.flatMap(\.blobs.keys)
        var counted = Set(kept)
        for version in Self.parentsFirst(unreached) {
            if !isRehearsal {
                let isGone = try await removal.removeUnreached(
                    version, about: unreached[version]?.subject, from: repository, since: limit)
                guard isGone else { continue }
            }
            result.manifests += 1
            for (blob, size) in unreached[version]?.blobs ?? [:] where counted.insert(blob).inserted {
                result.bytes &+= size
            }
            await pace?.rest(after: 1)
        }
    }

    /// A manifest of the repository, and what it says.
    private struct Held: Sendable {
        /// For its state, its age or a tag.
        var staysByItself: Bool
        var children: [Digest]
        var subject: Digest?
        var blobs: [Digest: UInt64]
    }

    /// - Returns: `nil` where there are more than are looked at.
    private func held(
        by repository: RepositoryKey, since limit: Timestamp, _ pace: CollectionPace?
    ) async throws(RegistryError) -> [Digest: Held]? {
        var held: [Digest: Held] = [:]
        var after: Int64 = 0
        while true {
            let start = after
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.manifests(in: repository, after: start, limit: Self.pageSize)
            }
            for placed in page {
                held[placed.version] = try await self.held(placed.version, in: repository, since: limit)
            }
            guard !Task.isCancelled else { throw RegistryError(.overloaded, "The collection was broken off.") }
            guard held.count <= Self.manifestsMax else { return nil }
            guard page.count == Self.pageSize, let last = page.last else { return held }
            after = last.id
            await pace?.rest(after: page.count)
        }
    }

    private func held(
        _ version: Digest, in repository: RepositoryKey, since limit: Timestamp
    ) async throws(RegistryError) -> Held {
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
        guard let document = try? ManifestDocument(parsing: try await manifests.document(version)) else {
            throw RegistryError(.recordTampered, "The manifest \(version) cannot be read: run `pratique fsck`.")
        }
        let isOld = record.acquiredAt < limit && record.stateSince < limit
        let mayGo = record.state == .acquired && record.acquisition.content.layout == .manifest && isOld
        return Held(
            staysByItself: !tags.isEmpty || !mayGo, children: document.children.map(\.digest),
            subject: document.subject?.digest,
            blobs: Dictionary(document.blobs.map { ($0.digest, $0.size) }, uniquingKeysWith: { first, _ in first }))
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
            guard !Task.isCancelled else { throw RegistryError(.overloaded, "The collection was broken off.") }
            guard page.count == Self.pageSize, let last = page.last else { return spoken }
            end = last.index
            await pace?.rest(after: page.count)
        }
    }

    /// Adds what indexes that stay name, and what is about manifests that stay.
    private static func follow(_ held: [Digest: Held], _ reached: inout Set<Digest>) {
        var about: [Digest: [Digest]] = [:]
        for (version, manifest) in held {
            if let subject = manifest.subject { about[subject, default: []].append(version) }
        }
        var next = Array(reached)
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
