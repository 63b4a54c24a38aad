import FileTestSupport
import Foundation
import GRDB
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageSQLite
import Testing

@Suite("Opening a metadata file")
struct ReopeningTests {
    @Test("What was written is there after the file was closed and opened again")
    func reopened() async throws {
        let scratch = try ScratchDirectory()
        let record = try MetadataSamples.record("a/model", state: .trusted, headIndex: 1)
        try await withStore(in: scratch) { store in
            try await store.write { transaction in
                try transaction.putNamed(record)
                for number in UInt8(0)..<200 { try transaction.appendLeaf([number], of: record.record.key) }
                try transaction.appendLeaf(MetadataSamples.bytes("last"))
            }
        }
        try await withStore(in: scratch) { store in
            #expect(try await store.record(named: record.record.name, in: .default) == record)
            #expect(try await store.logHead().size == 201)
            let index = try await store.write { transaction in try transaction.appendLeaf([9]) }
            #expect(index == 201)
            try await expectNoProblems(of: store)
        }
    }

    @Test("Commits that cannot be made durable because somebody reads what was before them are not read")
    func foreignReader() async throws {
        let scratch = try ScratchDirectory()
        let path = "\(scratch.path)/metadata.sqlite"
        try await withStore(in: scratch) { store in _ = try await store.write { try $0.appendLeaf([1]) } }
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let reader = try DatabaseQueue(path: path, configuration: configuration)
        let writer = try DatabaseQueue(path: path)
        let change = "CREATE TABLE IF NOT EXISTS foreign_table (number INTEGER); DROP TABLE foreign_table"
        try await writer.writeWithoutTransaction { database in try database.execute(sql: change) }
        try await reader.writeWithoutTransaction { database in
            try database.execute(sql: "BEGIN; SELECT count(*) FROM sqlite_master")
        }
        try await writer.writeWithoutTransaction { database in try database.execute(sql: change) }
        await #expect(throws: StorageFault.self) { try await SQLiteMetadataStore.open(at: path).close() }
        // One that reads the newest commits is in nobody's way.
        try await reader.writeWithoutTransaction { database in
            try database.execute(sql: "COMMIT; BEGIN; SELECT count(*) FROM sqlite_master")
        }
        try await SQLiteMetadataStore.open(at: path).close()
        try await reader.writeWithoutTransaction { database in try database.execute(sql: "COMMIT") }
        try reader.close()
        try writer.close()
        try await withStore(in: scratch) { store in
            let head = try await store.logHead()
            #expect(head.size == 1)
        }
    }

    @Test("Closing leaves one file, which only its owner may read")
    func files() async throws {
        let scratch = try ScratchDirectory()
        try await withStore(in: scratch) { store in
            _ = try await store.write { transaction in try transaction.appendLeaf([1]) }
            #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path).count == 3)
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["metadata.sqlite"])
        let attributes = try FileManager.default.attributesOfItem(atPath: "\(scratch.path)/metadata.sqlite")
        #expect(attributes[.posixPermissions] as? Int == 0o600)
    }

    @Test("A closed store refuses what it is asked, and closing again is nothing")
    func closed() async throws {
        let scratch = try ScratchDirectory()
        let store = try await SQLiteMetadataStore.open(at: "\(scratch.path)/metadata.sqlite")
        await store.close()
        await store.close()
        let fault = StorageFault.unavailable(reason: "the store is closed")
        await #expect(throws: fault) { try await store.write { _ in } }
        await #expect(throws: fault) { try await store.counts() }
        await #expect(throws: fault) { try await store.vacuum() }
    }

    @Test("A file of a newer program is refused, and not touched")
    func newerSchema() async throws {
        let scratch = try ScratchDirectory()
        let path = "\(scratch.path)/metadata.sqlite"
        try await withStore(in: scratch) { _ in }
        try edit(path, "PRAGMA user_version = 1000")
        let before = try Data(contentsOf: URL(fileURLWithPath: path))
        await #expect {
            try await SQLiteMetadataStore.open(at: path)
        } throws: { error in
            guard case .unavailable(let reason) = error as? StorageFault else { return false }
            return reason.contains("1000")
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
    }

    @Test(
        "Another program's database is refused",
        arguments: ["CREATE TABLE notes (text TEXT)", "PRAGMA application_id = 7", "PRAGMA user_version = 1"])
    func foreignDatabase(sql: String) async throws {
        let scratch = try ScratchDirectory()
        let path = "\(scratch.path)/metadata.sqlite"
        try edit(path, sql)
        await #expect(throws: StorageFault.self) { try await SQLiteMetadataStore.open(at: path) }
    }

    @Test("What is no database is refused")
    func notADatabase() async throws {
        let scratch = try ScratchDirectory()
        let text = try scratch.write([UInt8](repeating: 0x41, count: 8_192), as: "text")
        await #expect {
            try await SQLiteMetadataStore.open(at: text)
        } throws: { error in
            if case .corrupted = error as? StorageFault { true } else { false }
        }
        await #expect(throws: StorageFault.self) { try await SQLiteMetadataStore.open(at: scratch.path) }
        await #expect(throws: StorageFault.self) {
            try await SQLiteMetadataStore.open(at: "\(scratch.path)/none/metadata.sqlite")
        }
    }

    @Test("What another process writes is seen")
    func anotherWriter() async throws {
        let scratch = try ScratchDirectory()
        try await withStore(in: scratch) { first in
            try await withStore(in: scratch) { second in
                for number in UInt8(0)..<20 {
                    let store = number.isMultiple(of: 2) ? first : second
                    let index = try await store.write { transaction in try transaction.appendLeaf([number]) }
                    #expect(index == UInt64(number))
                    #expect(try await first.logHead() == second.logHead())
                }
                try await expectNoProblems(of: first)
            }
        }
    }
}

/// Changes a database behind the store's back.
func edit(_ path: String, _ sql: String) throws {
    var configuration = Configuration()
    configuration.foreignKeysEnabled = false
    configuration.prepareDatabase { database in try database.execute(sql: "PRAGMA synchronous = OFF") }
    let queue = try DatabaseQueue(path: path, configuration: configuration)
    try queue.writeWithoutTransaction { database in try database.execute(sql: sql) }
    try queue.close()
}
