import OCI
public import RegistryCore
public import RegistryPorts
import SafeYAML

/// Brings everything that follows from the log in line with it. The one path of start and of recovery: it runs at every
/// start, because nobody can tell a crash from a stop.
///
/// 1. The log holds what was signed, and nothing after it but what we wrote, or nothing starts.
/// 2. Staging is emptied of what interrupted work left.
/// 3. The log names the policy that decides from here on.
/// 4. An empty registry begins with its list of artifacts, or goes on reading it.
/// 5. Waivers whose time was over meanwhile end, and what was trusted by them.
/// 6. Views that changes left pending follow the states.
/// 7. The log's head is signed.
///
/// Nothing here takes longer because more is stored. Views that no change of ours explains are found by `StrayViews`,
/// beside serving.
public struct Reconciler: Sendable {
    private let store: any MetadataReader
    private let blobs: any BlobStore
    private let viewKeeper: ViewKeeper
    private let ledger: Ledger
    private let policies: PolicyBook
    private let publisher: LogPublisher
    private let boot: BootReading
    private let manifest: ManifestView
    private let waivers: WaiverRegister

    private static let pageSize = 1_000

    public init(
        store: any MetadataReader, blobs: any BlobStore, viewKeeper: ViewKeeper, ledger: Ledger,
        policies: PolicyBook, publisher: LogPublisher, boot: BootReading, manifest: ManifestView,
        waivers: WaiverRegister
    ) {
        self.store = store
        self.blobs = blobs
        self.viewKeeper = viewKeeper
        self.ledger = ledger
        self.policies = policies
        self.publisher = publisher
        self.boot = boot
        self.manifest = manifest
        self.waivers = waivers
    }

    /// What was done.
    public struct Report: Sendable {
        /// How it became known which records are the newest.
        public var newestEvents = NewestEvents.Origin.filing
        /// Bytes that interrupted work had left in staging.
        public var discardedBytes: UInt64 = 0
        /// The list that an empty registry began with.
        public var seed: Seed?
        /// Views that followed their artifact's state.
        public var views = 0
        /// Views that cannot be made or withdrawn now, in the order of names.
        public var stuckViews: [ArtifactName] = []
        public var manifest: ManifestDisagreement?
    }

    /// Which list it was.
    public enum Seed: Sendable {
        case manifest(BootReading.Report)
        case bootLock(BootReading.Report)
    }

    /// - Parameters:
    ///   - manifestFile: `manifest.yaml`, which seeds an empty registry before the boot lock file does: it says what
    ///     was revoked.
    ///   - bootLockFile: `models.lock.yaml`.
    /// - Throws: `.recordTampered` when history is not intact; `.invalidRequest` when the list of an empty registry
    ///   cannot be used; storage faults. The registry does not start then.
    public func reconcile(
        manifestFile: any DocumentFile, bootLockFile: any DocumentFile
    ) async throws(RegistryError) -> Report {
        var report = Report()
        try await publisher.load()
        report.newestEvents = try await ledger.prepare()
        report.discardedBytes = try await throughStore { () async throws(StorageFault) in
            try await blobs.discardLeftovers()
        }
        let history = try await RegistryHistory(store: store)
        try await policies.announce(after: history.policy, in: ledger)
        if try await history.isOpenForSeed(in: store) {
            report.seed = try await seed(manifestFile, bootLockFile)
        } else {
            report.manifest = try await manifest.check()
        }
        try await waivers.endExpired()
        try await reconcileViews(&report)
        try await publisher.publish()
        manifest.invalidate()
        return report
    }

    private func seed(
        _ manifestFile: any DocumentFile, _ bootLockFile: any DocumentFile
    ) async throws(RegistryError) -> Seed? {
        // The manifest of a registry in which nothing was ever put has nothing that could be lost.
        if let list = try await list("manifest", in: manifestFile), !list.entries.isEmpty {
            return .manifest(try await boot.read(list))
        }
        guard let list = try await list("boot lock file", in: bootLockFile) else { return nil }
        return .bootLock(try await boot.read(list))
    }

    private func list(_ what: String, in file: any DocumentFile) async throws(RegistryError) -> BootList? {
        let yaml = try await throughStore { () async throws(StorageFault) in
            // One byte more than may be there, so that a file that is too long is not taken for a shorter one.
            try await file.read(bytesMax: YAMLLimits.artifactList.bytesMax + 1)
        }
        guard let yaml else { return nil }
        do { return try BootList(parsing: yaml) } catch {
            throw RegistryError(.invalidRequest, "The \(what) cannot be used: \(error).", cause: error)
        }
    }

    private func reconcileViews(_ report: inout Report) async throws(RegistryError) {
        report.views += try await viewKeeper.catchUp(pageSize: Self.pageSize)
        report.stuckViews = Set(
            try await throughStore { () async throws(StorageFault) in
                try await store.pendingViews(after: 0, limit: Self.pageSize)
            }.map(\.name)
        ).sorted()
    }
}

/// What the log says about the registry itself.
private struct RegistryHistory {
    /// The policy that was named last.
    var policy: Digest?
    var hasReadList = false

    private static let pageSize = 256

    init(store: any MetadataReader) async throws(RegistryError) {
        var next: UInt64 = 0
        while true {
            let start = next
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.registryEntries(from: start, limit: Self.pageSize)
            }
            for entry in page {
                switch try Self.event(entry).body {
                case .policyActivated(_, let digest): policy = digest
                case .bootLockRead: hasReadList = true
                case .acquired, .quarantined, .inspected, .promoted, .refused, .revoked, .deleted, .tagged, .untagged,
                    .placed, .removed, .reviewed, .pushed, .waived, .attested, .waiverEnded, .recheckFailed:
                    continue
                }
            }
            guard page.count == Self.pageSize, let last = page.last else { return }
            next = last.index + 1
        }
    }

    /// Whether nobody has put anything in yet, except for a reading of a list that was interrupted.
    func isOpenForSeed(in store: any MetadataReader) async throws(RegistryError) -> Bool {
        guard !hasReadList else { return false }
        var next: UInt64 = 0
        while true {
            let start = next
            let page = try await throughStore { () async throws(StorageFault) in
                try await store.entries(from: start, limit: Self.pageSize)
            }
            for entry in page where entry.key != nil {
                guard case .registry = try Self.event(entry).actor else { return false }
            }
            guard page.count == Self.pageSize, let last = page.last else { return true }
            next = last.index + 1
        }
    }

    private static func event(_ entry: LogEntry) throws(RegistryError) -> RegistryEvent {
        do { return try RegistryEvent(decoding: entry.bytes, index: entry.index) } catch {
            throw RegistryError(.recordTampered, "Entry \(entry.index) of the log cannot be read.", cause: error)
        }
    }
}
