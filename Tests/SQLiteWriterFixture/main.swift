import Crypto
import Glibc
import OCI
import RegistryCore
import RegistryPorts
import StorageSQLite
import TransparencyLog

// Writes to a store from many tasks and says which writes were acknowledged, one line each, until it is killed.
// The writes of a task are numbered from 1, and go on where an earlier run ended.
//
// sqlite-writer-fixture <file> <tasks> <writes of each task> <pages of the log between two copies>

/// One line, in one piece.
func say(_ line: String) {
    var bytes = Array("\(line)\n".utf8)
    _ = write(1, &bytes, bytes.count)
}

struct Writer: Sendable {
    let store: SQLiteMetadataStore
    let key: ArtifactKey
    let name: ArtifactName
    let acquisition: Acquisition

    init(_ task: Int, _ store: SQLiteMetadataStore) throws {
        self.store = store
        name = try ArtifactName(parsing: "task-\(task)")
        let digest = try Digest(sha256: Array(SHA256.hash(data: Array("task-\(task)".utf8))))
        key = ArtifactKey(tenant: .default, version: digest)
        acquisition = Acquisition(
            content: ContentIdentity(layout: .file, sha256: digest, sizeBytes: 1, filename: "weights"),
            format: "gguf", source: nil, sourceRevision: nil)
    }

    /// The number of the newest write that is kept; 0 when there is none.
    func newest() async throws -> UInt64 {
        try await store.record(named: name, in: .default)?.record.evidenceCount ?? 0
    }

    /// A record and a leaf, which must both be there or neither.
    func write(_ number: UInt64) async throws {
        let (key, name, acquisition) = (key, name, acquisition)
        try await store.write { transaction in
            let head = try transaction.logHead()
            var next = head
            let bytes = Array("\(name) \(number)".utf8)
            let hashes = next.frontier.append(MerkleHashing.leaf(bytes))
            try transaction.append(LogEntry(index: head.size, bytes: bytes, key: key), hashes: hashes, head: next)
            let time = Timestamp(clamping: Int64(clamping: number))
            try transaction.put(
                SealedRecord(
                    record: ArtifactRecord(
                        storedKey: key, name: name, state: .acquired, acquisition: acquisition, acquiredAt: time,
                        promotedAt: nil, stateSince: time, reason: nil, headIndex: head.size, inspection: nil,
                        admittance: nil, evidenceCount: number, pushedBy: []), seal: bytes))
            try transaction.point(name, in: .default, at: key.version)
        }
    }
}

let arguments = CommandLine.arguments
guard arguments.count == 5, let tasks = Int(arguments[2]), let writes = UInt64(arguments[3]),
    let checkpointPages = Int(arguments[4])
else { exit(64) }
do {
    var limits = SQLiteStoreLimits()
    limits.checkpointPages = checkpointPages
    let store = try await SQLiteMetadataStore.open(at: arguments[1], limits: limits)
    say("open")
    await withTaskGroup(of: Void.self) { group in
        for task in 0..<tasks {
            group.addTask {
                var number: UInt64 = 0
                do {
                    let writer = try Writer(task, store)
                    number = try await writer.newest()
                    while number < writes {
                        number += 1
                        try await writer.write(number)
                        say("\(task) \(number)")
                    }
                } catch {
                    say("fault \(task) \(number) \(error)")
                }
            }
        }
    }
    do {
        try await Writer(tasks, store).write(1)
        say("\(tasks) 1")
    } catch {
        say("fault \(tasks) 1 \(error)")
    }
    await store.close()
    say("closed")
} catch {
    say("cannot open: \(error)")
    exit(74)
}
