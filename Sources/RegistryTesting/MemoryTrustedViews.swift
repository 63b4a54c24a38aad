import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization

/// The tree of what is trusted, in memory, linked to the blobs of a `MemoryBlobStore`.
public final class MemoryTrustedViews: TrustedViews, Sendable {
    private struct Link: Hashable {
        var file: ViewedFile
        var inode: UInt64
    }

    private struct State {
        var views: [ArtifactName: [Link]] = [:]
        var fault: StorageFault?
        var stuck: ArtifactName?
        var publications = 0
        var linksMax: UInt64 = .max
    }

    private let blobs: MemoryBlobStore
    private let state = Mutex(State())
    private let visitor = Mutex<(@Sendable (ArtifactName) async -> Void)?>(nil)

    public init(blobs: MemoryBlobStore) {
        self.blobs = blobs
    }

    /// The names that are visible now.
    public var visible: Set<ArtifactName> { state.withLock { Set($0.views.keys) } }

    /// How often a view was made.
    public var publications: Int { state.withLock { $0.publications } }

    /// Makes every change fail until it is told otherwise with `nil`.
    public func fail(_ fault: StorageFault?) {
        state.withLock { $0.fault = fault }
    }

    /// Makes the withdrawal of one view fail, until it is told otherwise with `nil`.
    public func failWithdrawal(of name: ArtifactName?) {
        state.withLock { $0.stuck = name }
    }

    /// Gives a blob no more names than this, its own included.
    public func limitLinks(to count: UInt64) {
        state.withLock { $0.linksMax = count }
    }

    /// Runs something of the test's own before a view is published, to let two things meet.
    public func onPublish(_ visit: (@Sendable (ArtifactName) async -> Void)?) {
        visitor.withLock { $0 = visit }
    }

    /// Somebody removes a view, or one file of it.
    public func lose(_ name: ArtifactName) {
        state.withLock { state in
            for link in state.views.removeValue(forKey: name) ?? [] {
                blobs.unlink(link.file.digest, inode: link.inode)
            }
        }
    }

    /// Somebody makes a view that nobody asked for.
    public func plant(_ name: ArtifactName, _ files: [ViewedFile]) {
        state.withLock { state in
            state.views[name] = files.compactMap { file in
                blobs.link(file.digest).map { Link(file: file, inode: $0) }
            }
        }
    }

    public func publish(_ name: ArtifactName, files: [ViewedFile]) async throws(StorageFault) {
        let visit = visitor.withLock { $0 }
        await visit?(name)
        let fault = state.withLock { state -> StorageFault? in
            if let fault = state.fault { return fault }
            guard files.allSatisfy({ blobs.inode(of: $0.digest) != nil }) else { return .notFound }
            guard hasNames(for: files, state.linksMax) else { return .tooManyNames }
            let isInTheWay = state.views.keys.contains { $0.ancestors.contains(name) || name.ancestors.contains($0) }
            guard !isInTheWay else { return .changed }
            for link in state.views.removeValue(forKey: name) ?? [] {
                blobs.unlink(link.file.digest, inode: link.inode)
            }
            state.views[name] = files.compactMap { file in
                blobs.link(file.digest).map { Link(file: file, inode: $0) }
            }
            state.publications += 1
            return nil
        }
        if let fault { throw fault }
    }

    public func requireNames(for files: [ViewedFile]) async throws(StorageFault) {
        guard hasNames(for: files, state.withLock({ $0.linksMax })) else { throw .tooManyNames }
    }

    private func hasNames(for files: [ViewedFile], _ linksMax: UInt64) -> Bool {
        Dictionary(grouping: files, by: \.digest).allSatisfy { digest, paths in
            blobs.links(of: digest) + UInt64(paths.count) <= linksMax
        }
    }

    public func withdraw(_ name: ArtifactName) async throws(StorageFault) {
        let fault = state.withLock { state in
            state.fault ?? (state.stuck == name ? .unavailable(reason: "the view is stuck") : nil)
        }
        if let fault { throw fault }
        lose(name)
    }

    public func shows(_ name: ArtifactName, files: [ViewedFile]) async throws(StorageFault) -> Bool {
        state.withLock { state in
            guard let links = state.views[name], Set(links.map(\.file)) == Set(files) else { return false }
            return links.allSatisfy { $0.inode == blobs.inode(of: $0.file.digest) }
        }
    }

    public func path(of name: ArtifactName, file: RelativePath?) -> String {
        "/registry/trusted/\(name)" + (file.map { "/\($0)" } ?? "")
    }

    public func names(limit: Int) async throws(StorageFault) -> [ArtifactName] {
        state.withLock { Array($0.views.keys.sorted().prefix(limit)) }
    }
}
