import OCI
public import RegistryCore
public import RegistryPorts
import SafeYAML
import Synchronization
import TransparencyLog

/// Writes the state of every artifact into `manifest.yaml`, soon after changes.
///
/// The file is a view for people and other programs, and a seed for a registry that lost its metadata; nothing here
/// believes it. Its cost does not grow with every single change: after each writing comes a pause of a second at least
/// and of twenty times what the writing took, and all changes meanwhile become visible together.
public final class ManifestView: Ledger.Listener, Sendable {
    /// The shortest pause before a writing.
    public static let pauseMin = Duration.seconds(1)
    /// How many times as long as the last writing the pause before the next one is.
    public static let pauseFactor = 20
    /// Artifacts that are in memory at one time.
    static let pageSize = RecordQuery.limitMax

    private struct State {
        var isStale = false
        /// What we wrote last; `nil` before the first writing.
        var written: Digest?
        var lastDuration = Duration.zero
        /// The log that what stood there when we started says it was written from; `nil` after the first writing.
        var found: TreeHead?
    }

    private let store: any MetadataReader
    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let file: any DocumentFile
    private let clock: any Clock<Duration>
    private let report: @Sendable (ManifestDisagreement) -> Void
    private let state = Mutex(State())
    private let changes: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation
    private let turns = Turns<Int>()

    /// - Parameters:
    ///   - clock: measures how long a writing takes, and waits.
    ///   - report: hears of a file that is not ours, before it is replaced.
    public init(
        store: any MetadataReader, directory: ArtifactDirectory, manifests: ArtifactManifests, file: any DocumentFile,
        clock: any Clock<Duration>, report: @escaping @Sendable (ManifestDisagreement) -> Void
    ) {
        self.store = store
        self.directory = directory
        self.manifests = manifests
        self.file = file
        self.clock = clock
        self.report = report
        (changes, signal) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    public func committed(_ names: [ArtifactName], logSize: UInt64) {
        guard !names.isEmpty else { return }
        invalidate()
    }

    /// Has the file written anew, whether or not something changes.
    public func invalidate() {
        state.withLock { $0.isStale = true }
        signal.yield()
    }

    /// The pause before the next writing.
    public var pause: Duration {
        max(Self.pauseMin, state.withLock { $0.lastDuration } * Self.pauseFactor)
    }

    /// Writes whenever something changed, until the task is cancelled.
    ///
    /// - Parameter onFault: hears why a writing failed; it is tried again after the next pause.
    public func run(onFault: @Sendable (RegistryError) -> Void) async {
        for await _ in changes {
            guard (try? await clock.sleep(for: pause)) != nil else { return }
            do { try await writeIfStale() } catch {
                onFault(error)
                signal.yield()
            }
        }
    }

    /// Compares the first line of the file that stands there with the log. For the start, before the first writing; the
    /// rest is compared with that writing.
    ///
    /// - Returns: what was reported; `nil` when there is no file, or nothing is wrong with it.
    @discardableResult
    public func check() async throws(RegistryError) -> ManifestDisagreement? {
        let start = try await throughStore { () async throws(StorageFault) in
            try await file.read(bytesMax: ManifestHeader.bytesMax)
        }
        guard let start else { return nil }
        let header = ManifestHeader(startOf: start)
        let disagreement = try await disagreement(of: header)
        if let disagreement {
            report(disagreement)
        } else if let log = header?.log {
            // Only by writing it again can be told whether somebody changed what follows the first line.
            state.withLock { $0.found = log }
        }
        return disagreement
    }

    private func disagreement(
        of header: ManifestHeader?
    ) async throws(RegistryError) -> ManifestDisagreement? {
        guard let log = header?.log else { return .foreign }
        let head = try await throughStore { () async throws(StorageFault) in try await store.logHead() }
        guard log.size <= head.size else { return .ahead(of: head.size, size: log.size) }
        return try await LogReading(store: store).root(at: log.size) == log.root ? nil : .otherHistory(size: log.size)
    }

    /// Writes the file if something changed since it was written.
    ///
    /// - Returns: whether it was written.
    @discardableResult
    public func writeIfStale() async throws(RegistryError) -> Bool {
        try await turns.take(0) { () async throws(RegistryError) in
            // Taken before the first read: what changes from here on makes it stale again.
            let isStale = state.withLock { state in
                defer { state.isStale = false }
                return state.isStale
            }
            guard isStale else { return false }
            do throws(RegistryError) { try await write() } catch {
                state.withLock { $0.isStale = true }
                throw error
            }
            return true
        }
    }

    private func write() async throws(RegistryError) {
        let before = try await throughStore { () async throws(StorageFault) in try await file.digest() }
        if let written = state.withLock({ $0.written }), before != written { report(.edited) }
        let header = ManifestHeader(
            log: try await throughStore { () async throws(StorageFault) in try await store.logHead() }.frontier.head)
        let pages = ManifestPages(header: header, directory: directory, manifests: manifests)
        let result = Mutex<Result<Digest, RegistryError>?>(nil)
        let duration = await Self.measure(clock) { [file] in
            do {
                let digest = try await file.replace { try await pages.next() }
                result.withLock { $0 = .success(digest) }
            } catch {
                result.withLock { $0 = .failure(RegistryError(anyFault: error)) }
            }
        }
        state.withLock { $0.lastDuration = duration }
        guard let digest = try result.withLock({ $0 })?.get() else { return }
        let found = state.withLock { state in
            defer { state.found = nil }
            state.written = digest
            return state.found
        }
        if let found, found == header.log, let before, before != digest { report(.edited) }
    }

    private static func measure(_ clock: some Clock<Duration>, _ work: () async -> Void) async -> Duration {
        await clock.measure(work)
    }
}

extension RegistryError {
    /// What a port throws that lends its caller's errors on.
    init(anyFault error: any Error) {
        switch error {
        case let error as RegistryError: self = error
        case let fault as StorageFault: self.init(fault)
        default: self.init(.internalError, "A document could not be written.", cause: error)
        }
    }
}

/// The manifest piece by piece, a page of artifacts in each.
private actor ManifestPages {
    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private var head: [UInt8]?
    private var query: RecordQuery? = RecordQuery(limit: ManifestView.pageSize)

    init(header: ManifestHeader, directory: ArtifactDirectory, manifests: ArtifactManifests) {
        self.directory = directory
        self.manifests = manifests
        head = header.line + Array("version: 1\n".utf8)
    }

    func next() async throws(RegistryError) -> [UInt8]? {
        guard let query else { return nil }
        let page = try await directory.page(query)
        // What was pushed cannot be put in again by what this list says of it.
        let records = page.records.filter { $0.acquisition.content.layout != .manifest }
        self.query = page.next
        var piece: [UInt8] = []
        if let head {
            piece = head
            self.head = nil
            if records.isEmpty, page.next == nil {
                SafeYAML.appendEmptySequence("models", to: &piece)
            } else {
                SafeYAML.appendSequenceName("models", to: &piece)
            }
        }
        for record in records {
            let files = record.acquisition.content.layout == .directory ? try await manifests.files(of: record.key) : []
            SafeYAML.appendItem(record.manifestEntry(files: files), to: &piece)
        }
        return piece
    }
}
