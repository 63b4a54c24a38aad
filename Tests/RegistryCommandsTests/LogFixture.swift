import RegistryCommands
import StubRegistry
import Synchronization
import Testing
import TransparencyLog

/// A log in memory, served as a registry serves it. Tests change what it serves.
final class LogFixture: Sendable {
    struct Content {
        var signer: NoteSigner
        var origin: LogOrigin
        var entries: [[UInt8]] = []
        var levels: [[LogHash]] = []
        var frontier = TreeFrontier()
        /// Serve the checkpoint of this size; the newest without.
        var size: UInt64?
        var isEmpty = false
        var statedKey: String?
        /// Applied to every resource before it is sent.
        var tamper: @Sendable (_ path: String, [UInt8]) -> [UInt8]? = { _, bytes in bytes }
    }

    private let content: Mutex<Content>

    init(size: Int, seed: UInt8 = 1, prefix: String = "entry") throws {
        let name = try #require(NoteKeyName("registry.example/log"))
        let signer = try #require(NoteSigner(name: name, seed: [UInt8](repeating: seed, count: 32)))
        let origin = try #require(LogOrigin("registry.example/log"))
        content = Mutex(Content(signer: signer, origin: origin))
        append(size, prefix: prefix)
    }

    var vkey: String { content.withLock { $0.signer.verifier.vkey } }

    func append(_ count: Int, prefix: String = "entry") {
        content.withLock { content in
            for _ in 0..<count {
                let number = content.entries.count
                let entry = Array(
                    """
                    {"v":1,"time":"2026-11-21T10:00:00.000Z","actor":"service-token","name":"m\(number % 3)",\
                    "event":"revoked","reason":"\(prefix) \(number)"}
                    """.utf8)
                content.entries.append(entry)
                for stored in content.frontier.append(MerkleHashing.leaf(entry)) {
                    if stored.level == content.levels.count { content.levels.append([]) }
                    content.levels[stored.level].append(stored.hash)
                }
            }
        }
    }

    func change(_ body: (inout Content) -> Void) {
        content.withLock { body(&$0) }
    }

    @Sendable func answer(_ request: StubRequest) -> StubAnswer {
        content.withLock { content in
            let path = String(request.path.dropFirst("/log/".count))
            guard let bytes = content.resource(path), let sent = content.tamper(path, bytes) else {
                return .refusal(404, "evidence_not_found")
            }
            return StubAnswer(pieces: [sent])
        }
    }
}

extension LogFixture.Content {
    fileprivate func resource(_ path: String) -> [UInt8]? {
        switch path {
        case "checkpoint":
            guard !isEmpty else { return nil }
            let size = size ?? frontier.size
            var tree = TreeFrontier()
            for entry in entries.prefix(Int(size)) { _ = tree.append(MerkleHashing.leaf(entry)) }
            return try? Checkpoint(origin: origin, head: tree.head).signed(by: [signer]).encoded
        case "key": return Array("\(statedKey ?? signer.verifier.vkey)\n".utf8)
        default: return TilePath(parsing: path).flatMap(tile)
        }
    }

    private func tile(_ path: TilePath) -> [UInt8]? {
        let first = Int(path.index) * 256
        switch path.content {
        case .entries:
            guard first + path.width <= entries.count else { return nil }
            return try? EntryBundle.encode(Array(entries[first..<first + path.width]))
        case .hashes(let level):
            guard levels.indices.contains(level), first + path.width <= levels[level].count else { return nil }
            return try? Tile(Array(levels[level][first..<first + path.width])).encoded
        }
    }
}
