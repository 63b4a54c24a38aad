public import RegistryCore
public import RegistryPorts

/// Makes the view of an artifact follow its state.
///
/// The state is committed first, the view follows. If the process stops between the two, the pending row that was
/// committed with the state makes the next start do it; until then `RuntimePaths` makes a missing view, and nothing
/// hands out the path of one that should not be there.
public struct ViewKeeper: Sendable {
    private let store: any MetadataReader
    private let directory: ArtifactDirectory
    private let manifests: ArtifactManifests
    private let views: any TrustedViews
    private let memory: HashMemory
    private let ledger: Ledger

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

    /// Shows what is trusted, withdraws what is not.
    public func follow(_ name: ArtifactName) async throws(RegistryError) {
        let record = try await directory.record(named: name)
        let files = try await manifests.files(of: record.key).map(\.viewed)
        try await show(record.state == .trusted, name, files)
    }

    /// Makes the files of a trusted artifact appear, if they are not there.
    func show(_ artifact: ServableArtifact) async throws(RegistryError) {
        try await show(true, artifact.record.name, artifact.files.map(\.viewed))
    }

    private func show(
        _ visible: Bool, _ name: ArtifactName, _ files: [ViewedFile]
    ) async throws(RegistryError) {
        let shown = try await throughStore { () async throws(StorageFault) in
            try await views.shows(name, files: files)
        }
        guard !visible || !shown else { return }
        try await memory.whileLinking(files.map(\.digest)) { () async throws(StorageFault) in
            if visible { try await views.publish(name, files: files) } else { try await views.withdraw(name) }
        }
    }

    /// Works through what is pending.
    ///
    /// - Returns: how many it did.
    @discardableResult
    public func catchUp(limit: Int = 1_000) async throws(RegistryError) -> Int {
        let pending = try await throughStore { () async throws(StorageFault) in
            try await store.pendingViews(limit: limit)
        }
        guard !pending.isEmpty else { return 0 }
        var done: [Int64] = []
        for view in pending {
            do {
                try await follow(view.name)
                done.append(view.id)
            } catch {
                // One view that cannot be made must not keep the others waiting; it stays pending.
                continue
            }
        }
        let ids = done
        try await ledger.write(.registry(.reconciler)) { entry in
            for id in ids { try entry.removePendingView(id) }
        }
        return done.count
    }
}
