internal import TransparencyLog

/// Fetches tiles of a log and believes none of them before they fold into the signed head.
struct LogTiles: Sendable {
    private let source: any LogSource
    private let head: TreeHead
    private let planner: TilePlanner

    /// Fetches that are under way at once.
    static let concurrentMax = 8

    init(_ source: any LogSource, head: TreeHead) throws(CommandFailure) {
        do {
            planner = try TilePlanner(treeSize: head.size)
        } catch {
            throw CommandFailure(.bad, "The log claims an impossible size.")
        }
        self.source = source
        self.head = head
    }

    /// The tiles that `plan` names, with all that authenticates them.
    func verified(
        _ plan: (TilePlanner) throws(ProofFault<Never>) -> Set<TilePath>
    ) async throws(CommandFailure) -> VerifiedTiles {
        let paths: Set<TilePath>
        do {
            paths = planner.authenticating(try plan(planner))
        } catch {
            throw CommandFailure(.software, "The log has no such entry.")
        }
        return try await verified(paths).tiles
    }

    /// Fetches exactly these tiles and verifies them together.
    func verified(
        _ paths: Set<TilePath>
    ) async throws(CommandFailure) -> (tiles: VerifiedTiles, encoded: [(path: TilePath, tile: Tile)]) {
        let fetched = try await fetchAll(Array(paths), from: source)
        var tiles: [TilePath: Tile] = [:]
        do throws(TileFault) {
            for (path, bytes) in fetched {
                let tile = try Tile(decoding: bytes)
                // A tile that has grown since the checkpoint is cut back to what the checkpoint covers.
                tiles[path] = tile.hashes.count > path.width ? try Tile(Array(tile.hashes.prefix(path.width))) : tile
            }
            return (try VerifiedTiles(tiles, head: head), tiles.map { ($0.key, $0.value) })
        } catch {
            throw CommandFailure(error)
        }
    }
}

/// Fetches resources, a few at a time, and returns them in the order of `paths`.
func fetchAll(
    _ paths: [TilePath], from source: any LogSource
) async throws(CommandFailure) -> [(TilePath, [UInt8])] {
    do {
        return try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
            var fetched = [[UInt8]?](repeating: nil, count: paths.count)
            for (index, path) in paths.enumerated() {
                if index >= LogTiles.concurrentMax, let (done, bytes) = try await group.next() {
                    fetched[done] = bytes
                }
                group.addTask { (index, try await source.resource(path)) }
            }
            while let (done, bytes) = try await group.next() { fetched[done] = bytes }
            return zip(paths, fetched).compactMap { path, bytes in bytes.map { (path, $0) } }
        }
    } catch let failure as CommandFailure {
        throw failure
    } catch {
        throw CommandFailure(.interrupted, "Interrupted.")
    }
}

extension CommandFailure {
    /// What tiles that do not fit mean: the log serves other hashes than those it signed.
    init(_ fault: TileFault) {
        switch fault {
        case .missing(let path), .unexpected(let path), .tooNarrow(let path, _):
            self.init(.unchecked, "The log does not serve \(path) as its checkpoint requires.")
        case .parentMismatch(let path):
            self.init(.bad, "The log serves hashes that it did not sign: \(path) does not fit its parent.")
        case .rootMismatch:
            self.init(.bad, "The log serves hashes that it did not sign: they do not give the signed root.")
        case .byteCount, .sizeOutOfRange: self.init(.bad, "The log serves something that is no tile.")
        }
    }
}
