public import RegistryCore
public import RegistryPorts

/// Withdraws views that nobody's trust explains: the metadata is older than the tree, or somebody made them.
///
/// Looks at every view and every sealed record, so its time grows with what is stored. That is why a start does not
/// wait for it but begins with it: a stray goes at the same moment either way, and whoever asks a door is answered from
/// the log and never from the tree. See `docs/adr/0008-strays-are-swept-beside-serving.md`.
public struct StrayViews: Sendable {
    private let views: any TrustedViews
    private let directory: ArtifactDirectory
    private let viewKeeper: ViewKeeper

    public init(views: any TrustedViews, directory: ArtifactDirectory, viewKeeper: ViewKeeper) {
        self.views = views
        self.directory = directory
        self.viewKeeper = viewKeeper
    }

    /// What was found, in the order of names.
    public struct Report: Sendable, Hashable {
        public var withdrawn: [ArtifactName] = []
        /// Strays that cannot be withdrawn now.
        public var stuck: [ArtifactName] = []

        public init(withdrawn: [ArtifactName] = [], stuck: [ArtifactName] = []) {
            self.withdrawn = withdrawn
            self.stuck = stuck
        }
    }

    /// Looks once through the whole tree. Artifacts may change meanwhile: what seems to be a stray is judged again, by
    /// its newest record and in the turn of its name, before its view goes.
    ///
    /// - Throws: storage faults that keep it from telling what is a stray.
    public func withdraw() async throws(RegistryError) -> Report {
        let names = try await throughStore { () async throws(StorageFault) in try await views.names(limit: .max) }
        var report = Report()
        var trusted = TrustedNames(directory: directory)
        for name in names.sorted() where try await !trusted.contains(name) {
            do {
                if try await viewKeeper.withdrawUnlessTrusted(name) { report.withdrawn.append(name) }
            } catch {
                report.stuck.append(name)
            }
        }
        return report
    }
}

/// The names of what is trusted, in order, a page at a time. Asked for names in order.
private struct TrustedNames {
    private let directory: ArtifactDirectory
    private var query: RecordQuery? = RecordQuery(state: .trusted)
    private var page: ArraySlice<ArtifactName> = []

    init(directory: ArtifactDirectory) {
        self.directory = directory
    }

    mutating func contains(_ name: ArtifactName) async throws(RegistryError) -> Bool {
        while true {
            while let first = page.first, first < name { page.removeFirst() }
            if let first = page.first { return first == name }
            guard let query else { return false }
            let next = try await directory.page(query)
            page = next.records.map(\.name)[...]
            self.query = next.next
        }
    }
}
