import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageMemory
import Testing
import TransparencyLog

@Suite("The store in memory")
struct MemoryMetadataStoreTests {
    @Test("It keeps the contract", arguments: MetadataStoreContract.clauses)
    func contract(clause: MetadataStoreContract.Clause) async throws {
        try await clause.check(MemoryMetadataStore())
    }

    @Test("A lost write keeps nothing, and the next one works")
    func lost() async throws {
        let store = MemoryMetadataStore()
        store.failWrite(.full, .lost, after: 1)
        _ = try await store.write { transaction in try transaction.appendLeaf([0]) }
        await #expect(throws: StorageFault.full) {
            try await store.write { transaction in try transaction.appendLeaf([1]) }
        }
        #expect(try await store.logHead().size == 1)
        _ = try await store.write { transaction in try transaction.appendLeaf([1]) }
        #expect(try await store.logHead().size == 2)
        #expect(store.misuses.isEmpty)
    }

    @Test("A write whose answer is lost is kept")
    func answerLost() async throws {
        let store = MemoryMetadataStore()
        store.failWrite(.unavailable(reason: "cable"), .answerLost)
        await #expect(throws: StorageFault.unavailable(reason: "cable")) {
            try await store.write { transaction in try transaction.appendLeaf([0]) }
        }
        #expect(try await store.entries(from: 0, limit: 10).map(\.bytes) == [[0]])
    }

    @Test("After a failed sync it refuses every write and remembers who tried", arguments: [true, false])
    func failedSync(isKept: Bool) async throws {
        let store = MemoryMetadataStore()
        let fault = StorageFault.syncFailed(reason: "disk")
        store.failWrite(fault, isKept ? .answerLost : .lost)
        for _ in 0..<2 {
            await #expect(throws: fault) {
                try await store.write { transaction in try transaction.appendLeaf([0]) }
            }
        }
        #expect(try await store.logHead().size == (isKept ? 1 : 0))
        #expect(store.misuses == [.writeAfterFailedSync])
    }

    @Test("Reads fail for as long as they are told to")
    func failedReads() async throws {
        let store = MemoryMetadataStore()
        store.failReads(.unavailable(reason: "down"))
        await #expect(throws: StorageFault.unavailable(reason: "down")) { try await store.counts() }
        store.failReads(nil)
        #expect(try await store.counts().total == 0)
    }

    @Test("It remembers what no correct caller does")
    func misuses() async throws {
        let store = MemoryMetadataStore()
        let record = try MetadataSamples.record("n", headIndex: 3)
        let key = record.record.key
        try await store.write { transaction in try transaction.putNamed(record) }
        #expect(store.misuses == [.recordBeyondLog(key, headIndex: 3)])
        await #expect(throws: StorageFault.changed) {
            var older = record
            older.record.headIndex = 2
            let sent = older
            try await store.write { transaction in try transaction.put(sent) }
        }
        let wrong = try MetadataSamples.digest("other")
        let actual = try MetadataSamples.digest("m")
        await #expect(throws: StorageFault.digestMismatch(actual: actual)) {
            try await store.write { transaction in
                try transaction.putManifest(MetadataSamples.bytes("m"), digest: wrong)
            }
        }
        await #expect(throws: StorageFault.changed) {
            try await store.write { transaction in
                let head = try transaction.logHead()
                try transaction.append(LogEntry(index: 1, bytes: [], key: nil), hashes: [], head: head)
            }
        }
        let unknown = try MetadataSamples.key("unknown")
        let name = try MetadataSamples.name("unknown")
        try await store.write { transaction in
            try transaction.point(name, in: .default, at: unknown.version)
            try transaction.putUses(of: [wrong], by: unknown)
        }
        #expect(
            store.misuses.dropFirst() == [
                .recordWentBack(key, from: 3, to: 2), .wrongDigest(wrong), .appendOutOfOrder(index: 1, size: 0),
                .nameWithoutRecord(name), .usesWithoutRecord(unknown),
            ])
    }
}
