import FileTestSupport
import Foundation
import OCI
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageSQLite
import Testing

/// Files of earlier programs, as SQL that makes them.
private enum EarlierSchema {
    static func sql(_ version: Int) throws -> String {
        let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../Vectors/metadata")
        return try String(contentsOf: folder.appending(path: "schema-\(version).sql"), encoding: .utf8)
    }
}

@Suite("Metadata files of earlier programs")
struct MigrationTests {
    @Test("A file without repositories keeps what it holds, and gets them")
    func withoutRepositories() async throws {
        let scratch = try ScratchDirectory()
        let path = "\(scratch.path)/metadata.sqlite"
        try edit(path, try EarlierSchema.sql(3))
        for isMigrated in [false, true] {
            try await withStore(in: scratch) { store in
                let name = try ArtifactName(parsing: "team/tiny")
                let record = try #require(try await store.record(named: name, in: .default))
                #expect(record.record.state == .trusted)
                #expect(record.record.pushedBy.isEmpty)
                #expect(try await store.counts().byState == [.trusted: 1])
                let head = try await store.logHead()
                #expect(head.size == (isMigrated ? 6 : 5))
                #expect(head.seal.isEmpty == isMigrated)
                #expect(try await store.registryEntries(from: 0, limit: 10).map(\.index) == [0])
                let history = try await store.entries(of: record.record.key, from: 0, limit: 10)
                #expect(history.map(\.index) == [1, 2, 3, 4])
                #expect(try await store.entries(from: 0, limit: 5).allSatisfy { $0.place == nil })
                #expect(try await store.evidence(of: record.record.key).count == 2)
                if !isMigrated { try await tagAndAppend(to: store, record.record.key) }
                let repository = try MetadataSamples.repository("team/llama")
                #expect(try await store.repositories(in: .default, after: nil, limit: 10) == [repository.name])
                #expect(try await store.tag(.latest, in: repository)?.version == record.record.key.version)
                let filed = try await store.entries(
                    of: EntryPlace(repository: repository, tag: .latest), before: nil, limit: 10)
                #expect(filed.map(\.index) == [5])
                try await expectNoProblems(of: store)
            }
        }
    }

    private func tagAndAppend(to store: SQLiteMetadataStore, _ key: ArtifactKey) async throws {
        let repository = try MetadataSamples.repository("team/llama")
        let tag = try MetadataSamples.tag("latest", at: key.version, eventIndex: 5)
        try await store.write { transaction in
            try transaction.place(ManifestPlace(version: key.version, blobs: []), in: repository)
            try transaction.put(tag, in: repository)
            try transaction.appendLeaf([1], at: EntryPlace(repository: repository, tag: tag.tag))
        }
    }
}
