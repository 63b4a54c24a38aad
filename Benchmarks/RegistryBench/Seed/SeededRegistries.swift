import Glibc
import RegistryCore
import RegistryPorts
import RegistryServices
import StorageSQLite

/// Registries with many artifacts in them, each filled once in a run.
final class SeededRegistries {
    private static let artifactsPerCommit = 1_000
    /// SQLite keeps what a write changed until the write ends, and looks it through at each statement: long ones are
    /// slow.
    private static let artifactsPerWrite = 10

    private let workspace: Workspace
    private let programs: Programs
    private let volume: Volume
    private var filled: [Int: String] = [:]

    init(workspace: Workspace, programs: Programs, volume: Volume) {
        self.workspace = workspace
        self.programs = programs
        self.volume = volume
    }

    /// The directory of a registry with so many artifacts.
    func directory(holding count: Int) async throws -> String {
        if let directory = filled[count] { return directory }
        let directory = try volume.directory("registry-\(count)")
        // The server lays the directory out and makes the keys with which we seal.
        try RegistryServerProcess(programs, over: directory, in: workspace).stop()
        let clock = ContinuousClock()
        let start = clock.now
        if count > 0 {
            try await fill(directory, count)
            // And once more, so that the next start finds a signed checkpoint of everything.
            try RegistryServerProcess(programs, over: directory, in: workspace).stop()
            Output.progress("seeded \(count) artifacts in \(Quantity.seconds(start.duration(to: clock.now)))")
        }
        filled[count] = directory
        return directory
    }

    /// A server over a registry with so many artifacts, with nothing left to do.
    func server(holding count: Int) async throws -> RegistryServerProcess {
        let server = try RegistryServerProcess(programs, over: try await directory(holding: count), in: workspace)
        server.settle()
        return server
    }

    private func fill(_ directory: String, _ count: Int) async throws {
        guard let seal = SystemFile.read(directory + "/store/keys/row-seal") else {
            throw BenchFault("the registry has no key to seal with")
        }
        let policy = try Policy(parsing: Array(Policy.defaultDocument.utf8))
        let store = try await SQLiteMetadataStore.open(at: directory + "/store/metadata/registry.db")
        let clock = TimeOfDay()
        let sealer = RecordSealer(key: seal)
        let ledger = Ledger(
            store: store, sealer: sealer, newest: NewestEvents(store: store, sealer: sealer, signed: { nil }),
            clock: clock, latest: clock.now(), listeners: [], stop: { _ in })
        var files = SeededFiles(directory)
        for first in stride(from: 0, to: count, by: Self.artifactsPerCommit) {
            var artifacts: [(SeededArtifact, isTrusted: Bool)] = []
            for number in first..<min(count, first + Self.artifactsPerCommit) {
                let isTrusted = SeededArtifact.isTrusted(number)
                var artifact = try SeededArtifact(number: number)
                artifact.identity = try files.make(artifact, isTrusted: isTrusted)
                artifacts.append((artifact, isTrusted))
            }
            try await write(artifacts, to: ledger, store, policy)
        }
        await store.close()
        sync()
    }

    private func write(
        _ artifacts: [(SeededArtifact, isTrusted: Bool)], to ledger: Ledger, _ store: SQLiteMetadataStore,
        _ policy: Policy
    ) async throws {
        let caller = Caller(actor: .serviceToken, requestID: "seed")
        // Writes that wait together are made durable together.
        try await withThrowingTaskGroup { group in
            for first in stride(from: 0, to: artifacts.count, by: Self.artifactsPerWrite) {
                let share = artifacts[first..<min(artifacts.count, first + Self.artifactsPerWrite)]
                group.addTask {
                    try await ledger.write(caller) { entry in
                        for (artifact, isTrusted) in share {
                            try artifact.write(to: &entry, policy: policy, isTrusted: isTrusted)
                        }
                    }
                }
            }
            try await group.waitForAll()
        }
        // The views are there already.
        let pending = try await store.pendingViews(after: 0, limit: .max)
        try await ledger.write(.registry(.reconciler)) { entry in
            for view in pending { try entry.removePendingView(view.id) }
        }
    }
}

/// The machine's time of day.
private struct TimeOfDay: WallClock {
    func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(clamping: Int64(time.tv_sec) * 1_000 + Int64(time.tv_nsec) / 1_000_000)
    }
}
