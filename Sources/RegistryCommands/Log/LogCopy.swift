internal import LinuxFiles
internal import TransparencyLog

/// A directory into which a log is saved. What is written was verified before; the checkpoint comes last, so that a
/// copy that has one is complete up to it.
struct LogCopy: Sendable {
    private let directory: Directory
    private let path: String

    init(_ path: String) throws(CommandFailure) {
        self.path = path
        directory = try UserDirectories.open(making: path)
    }

    /// Reads what is there already, and the rest from `source`.
    func completing(_ source: any LogSource) throws(CommandFailure) -> any LogSource {
        CompletingSource(saved: try DirectoryLogSource(path), source: source)
    }

    /// Writes the tiles and bundles of a batch that are not there yet.
    func write(_ batch: LogWalk.Batch) throws(CommandFailure) {
        for (path, tile) in batch.tiles { try write(path.description) { tile.encoded } }
        for bundle in batch.bundles {
            try write(bundle.path.description) { (try? EntryBundle.encode(bundle.entries.map { Array($0) })) ?? [] }
        }
    }

    /// Writes key and checkpoint: from now on the copy counts as one of this checkpoint.
    func finish(_ session: LogSession) throws(CommandFailure) {
        try replace(DirectoryLogSource.keyName, Array("\(session.key.vkey)\n".utf8))
        try replace(DirectoryLogSource.checkpointName, session.checkpoint.note.encoded)
    }

    private func write(_ name: String, _ bytes: () -> [UInt8]) throws(CommandFailure) {
        guard (try? directory.identity(of: name)) == nil else { return }
        try replace(name, bytes())
    }

    private func replace(_ name: String, _ bytes: [UInt8]) throws(CommandFailure) {
        do throws(FileFault) {
            var parent = directory
            var components = name.split(separator: "/").map(String.init)
            let file = components.removeLast()
            for component in components { parent = try parent.subdirectory(making: component, permissions: 0o755) }
            try DurableFile.replace(file, in: parent, with: bytes, permissions: 0o644)
        } catch {
            throw CommandFailure(error, path: "\(path)/\(name)")
        }
    }
}

/// A log of which a part was saved before. Tiles never change, so what was saved need not be fetched again.
private struct CompletingSource: LogSource {
    let saved: DirectoryLogSource
    let source: any LogSource

    func checkpoint() async throws(CommandFailure) -> [UInt8]? { try await source.checkpoint() }

    func key() async throws(CommandFailure) -> String? { try await source.key() }

    func resource(_ path: TilePath) async throws(CommandFailure) -> [UInt8] {
        if let bytes = try saved.resourceIfAny(path) { return bytes }
        return try await source.resource(path)
    }
}
