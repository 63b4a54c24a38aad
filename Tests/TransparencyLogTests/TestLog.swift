import Testing
import TransparencyLog

/// A log that signs: entries are appended, checkpoints made on demand.
struct TestLog {
    let signer: NoteSigner
    let origin: LogOrigin
    private(set) var store: MemoryLog

    init(size: Int = 0, seed: UInt8 = 1) throws {
        signer = try Self.signer("log.example/test", seed: seed)
        origin = try #require(LogOrigin("log.example/test"))
        store = MemoryLog(size: size)
    }

    static func signer(_ name: String, seed: UInt8) throws -> NoteSigner {
        let name = try #require(NoteKeyName(name))
        return try #require(NoteSigner(name: name, seed: [UInt8](repeating: seed, count: 32)))
    }

    mutating func append(_ entry: String) {
        store.append(Array(entry.utf8))
    }

    var builder: ProofBuilder<MemoryLog> {
        ProofBuilder(reader: store, treeSize: store.frontier.size)
    }

    func checkpoint(at size: UInt64) throws -> Checkpoint {
        Checkpoint(origin: origin, head: TreeHead(size: size, root: try builder.root(at: size)))
    }

    func verified(at size: UInt64) throws -> VerifiedCheckpoint {
        let note = try checkpoint(at: size).signed(by: [signer])
        return try VerifiedCheckpoint(opening: note.encoded, origin: origin, keys: [signer.verifier])
    }

    /// Tiles that show the root at `old` within the tree of `new` leaves.
    func tiles(old: UInt64, new: UInt64) throws -> VerifiedTiles {
        let planner = try TilePlanner(treeSize: new)
        let plan = planner.authenticating(try planner.tiles(forRootAt: old))
        return try VerifiedTiles(try store.tiles(plan), head: try checkpoint(at: new).head)
    }
}
