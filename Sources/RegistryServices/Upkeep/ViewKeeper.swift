import OCI
public import RegistryCore
public import RegistryPorts

/// Makes the view of an artifact follow its state.
///
/// The state is committed first, the view follows. If the process stops between the two, the pending row that was
/// committed with the state makes the next start do it; until then `RuntimePaths` makes a missing view, and nothing
/// hands out the path of one that should not be there.
///
/// Views of one name are changed by one task at a time, each of which looks at the state first: a view that is being
/// made when trust ends is withdrawn by whoever ended it.
public struct ViewKeeper: Sendable {
    private let store: any MetadataReader
    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let views: any TrustedViews
    private let memory: HashMemory
    private let ledger: Ledger
    private let turns = Turns<ArtifactName>()

    public init(
        store: any MetadataReader, directory: ArtifactDirectory, manifests: ArtifactManifests,
        views: any TrustedViews, memory: HashMemory, ledger: Ledger
    ) {
        self.store = store
        self.directory = directory
        self.manifests = manifests
        self.views = views
        self.memory = memory
        self.ledger = ledger
    }

    /// Shows what is trusted, withdraws what is not, and what nobody can tell.
    ///
    /// - Throws: `.recordTampered` when somebody edited the record. The view is gone then.
    public func follow(_ name: ArtifactName) async throws(RegistryError) {
        try await turns.take(name) { () async throws(RegistryError) in
            let record: ArtifactRecord
            do throws(RegistryError) { record = try await directory.record(named: name) } catch {
                if error.isDamage { try await withdraw(name, showing: []) }
                throw error
            }
            guard record.isTrusted(at: ledger.now()) else { return try await withdraw(record) }
            let files = try await manifests.files(of: record.key).map(\.viewed)
            if try await !shows(name, files) { try await publish(name, files) }
        }
    }

    /// The same for a name whose row somebody may have edited: what is remembered of it is not believed.
    func followAnew(_ name: ArtifactName) async throws(RegistryError) {
        directory.forget(name)
        try await follow(name)
    }

    /// Makes the files of a trusted artifact appear, if they are not there.
    ///
    /// - Throws: `.notTrusted` when its trust ended since it was admitted; storage faults.
    func show(_ artifact: ServableArtifact) async throws(RegistryError) {
        let name = artifact.record.name
        let files = artifact.files.map(\.viewed)
        if try await shows(name, files) { return }
        try await turns.take(name) { () async throws(RegistryError) in
            let record = try await directory.record(named: name)
            guard record.isTrusted(at: ledger.now()), record.key == artifact.record.key else {
                throw .notTrusted(record)
            }
            try await publish(name, files)
        }
    }

    /// Finds out whether the files of an artifact that is to be trusted can be shown.
    ///
    /// - Throws: `.linkLimitReached` when as many trusted artifacts have one of them as the file system allows.
    func requireRoom(for record: ArtifactRecord) async throws(RegistryError) {
        let files = try await manifests.files(of: record.key).map(\.viewed)
        try await memory.whileLinking(files.map(\.digest)) { () async throws(StorageFault) in
            try await views.requireNames(for: files)
        }
    }

    private func shows(_ name: ArtifactName, _ files: [ViewedFile]) async throws(RegistryError) -> Bool {
        try await throughStore { () async throws(StorageFault) in try await views.shows(name, files: files) }
    }

    private func publish(_ name: ArtifactName, _ files: [ViewedFile]) async throws(RegistryError) {
        try await memory.whileLinking(files.map(\.digest)) { () async throws(StorageFault) in
            try await views.publish(name, files: files)
        }
    }

    private func withdraw(_ record: ArtifactRecord) async throws(RegistryError) {
        // A view goes whether or not we can read what it shows; not knowing costs reading the bytes again.
        let digests = (try? await manifests.files(of: record.key))?.map(\.digest) ?? []
        try await withdraw(record.name, showing: digests)
    }

    private func withdraw(_ name: ArtifactName, showing digests: [Digest]) async throws(RegistryError) {
        try await memory.whileLinking(digests) { () async throws(StorageFault) in
            try await views.withdraw(name)
        }
    }

    /// Withdraws the view of a name, unless that name is trusted now. A name that nobody knows, and one whose record
    /// this registry did not write, are not.
    ///
    /// - Returns: whether its view is gone.
    package func withdrawUnlessTrusted(_ name: ArtifactName) async throws(RegistryError) -> Bool {
        try await turns.take(name) { () async throws(RegistryError) in
            do throws(RegistryError) {
                let record = try await directory.record(named: name)
                guard !record.isTrusted(at: ledger.now()) else { return false }
                try await withdraw(record)
            } catch {
                guard error.code == .artifactNotFound || error.code == .recordTampered else { throw error }
                try await throughStore { () async throws(StorageFault) in try await views.withdraw(name) }
            }
            return true
        }
    }

    /// Makes the view of every trusted artifact that lacks it: in a store that was just laid out, and after whatever
    /// happened to the tree while nobody looked.
    ///
    /// One that cannot be made does not keep the others waiting. Asking for its path says why.
    public func showAll() async throws(RegistryError) {
        var query: RecordQuery? = RecordQuery(state: .trusted)
        while let next = query {
            guard !Task.isCancelled else { return }
            let page = try await directory.page(next, remembering: true)
            for name in page.records.map(\.name) + page.tampered { _ = try? await follow(name) }
            query = page.next
        }
    }

    /// Works through all that is pending.
    ///
    /// - Returns: how many it did. One view that cannot be made does not keep the others waiting; it stays pending.
    @discardableResult
    public func catchUp(pageSize: Int = 1_000) async throws(RegistryError) -> Int {
        var count = 0
        var last: Int64 = 0
        while true {
            let after = last
            let pending = try await throughStore { () async throws(StorageFault) in
                try await store.pendingViews(after: after, limit: pageSize)
            }
            guard let newest = pending.last?.id else { return count }
            last = newest
            var done: Set<ArtifactName> = []
            for name in Set(pending.map(\.name)) where (try? await follow(name)) != nil { done.insert(name) }
            let ids = pending.filter { done.contains($0.name) }.map(\.id)
            guard !ids.isEmpty else { continue }
            count += ids.count
            try await ledger.write(.registry(.reconciler)) { entry in
                for id in ids { try entry.removePendingView(id) }
            }
        }
    }
}
