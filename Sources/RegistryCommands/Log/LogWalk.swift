internal import TransparencyLog

/// Walks over the entries of a log, each checked against the signed head before anybody sees it.
struct LogWalk: Sendable {
    /// A few bundles with all tiles that prove them: what is in memory at once.
    struct Batch: Sendable {
        var tiles: [(path: TilePath, tile: Tile)]
        var bundles: [Bundle]
    }

    struct Bundle: Sendable {
        var path: TilePath
        /// Index of the first entry.
        var first: UInt64
        /// As many as the signed head covers.
        var entries: [ArraySlice<UInt8>]
    }

    private let source: any LogSource
    private let head: TreeHead
    private let planner: TilePlanner

    init(_ source: any LogSource, head: TreeHead) throws(CommandFailure) {
        do {
            planner = try TilePlanner(treeSize: head.size)
        } catch {
            throw CommandFailure(.bad, "The log claims an impossible size.")
        }
        self.source = source
        self.head = head
    }

    /// Visits the bundles that hold the entries from `start` to the end of the tree, in order.
    ///
    /// - Parameter progress: called with the number of entries checked so far.
    /// - Throws: `.bad` at the first entry that is not the signed one.
    func run(
        from start: UInt64, progress: (UInt64) -> Void = { _ in },
        _ visit: (Batch) throws(CommandFailure) -> Void
    ) async throws(CommandFailure) {
        var next = start / Self.width
        while next < planner.bundleCount {
            let end = min(next + Self.bundlesMax - next % Self.bundlesMax, planner.bundleCount)
            let batch = try await batch(next..<end)
            try visit(batch)
            progress(min(end * Self.width, head.size) - min(start, head.size))
            guard !Task.isCancelled else { throw CommandFailure(.interrupted, "Interrupted.") }
            next = end
        }
    }

    private func batch(_ indexes: Range<UInt64>) async throws(CommandFailure) -> Batch {
        let leafTiles = indexes.compactMap { planner.tile(holdingLeaf: $0 * Self.width) }
        let (verified, tiles) = try await LogTiles(source, head: head).verified(
            planner.authenticating(Set(leafTiles)))
        let paths = indexes.compactMap { planner.bundle(holdingLeaf: $0 * Self.width) }
        var bundles: [Bundle] = []
        for (path, bytes) in try await fetchAll(paths, from: source) {
            bundles.append(try Self.check(path, bytes, verified))
        }
        return Batch(tiles: tiles, bundles: bundles)
    }

    private static func check(
        _ path: TilePath, _ bytes: [UInt8], _ tiles: VerifiedTiles
    ) throws(CommandFailure) -> Bundle {
        let entries: [ArraySlice<UInt8>]
        do {
            entries = try EntryBundle.decode(bytes, width: path.width, allowingMore: path.isPartial)
        } catch {
            throw CommandFailure(.bad, "The log serves \(path), which is no bundle of entries: \(error).")
        }
        let first = path.index * width
        for (index, entry) in zip(first..., entries) {
            guard let signed = try? tiles.hash(level: 0, index: index),
                signed == MerkleHashing.leaf(entry.span.bytes)
            else {
                throw CommandFailure(.bad, "Entry \(index) is not the one that the log has signed.")
            }
        }
        return Bundle(path: path, first: first, entries: entries)
    }

    private static let width = UInt64(Tile.widthMax)
    /// A log may fill its bundles up to 16 MiB each.
    private static let bundlesMax: UInt64 = 16
}
