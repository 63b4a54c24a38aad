import FileTestSupport
import RegistryTesting
import StorageSQLite
import Testing

@Suite("The store in a SQLite file")
struct SQLiteContractTests {
    @Test("It keeps the contract", arguments: MetadataStoreContract.clauses)
    func contract(clause: MetadataStoreContract.Clause) async throws {
        try await withStore { store in
            try await clause.check(store)
            try await expectNoProblems(of: store)
        }
    }

    @Test("It keeps the contract when it takes little at once", arguments: MetadataStoreContract.clauses)
    func smallLimits(clause: MetadataStoreContract.Clause) async throws {
        var limits = SQLiteStoreLimits()
        limits.writesPerCommitMax = 3
        limits.commitBytesMax = 64
        limits.readsPerTransactionMax = 1
        limits.readers = 1
        limits.checkpointPages = 10
        limits.walPagesMax = 40
        try await withStore(limits) { store in
            try await clause.check(store)
            try await expectNoProblems(of: store)
        }
    }
}

/// Opens a store in a directory of its own, and closes it in the end.
func withStore(
    _ limits: SQLiteStoreLimits = SQLiteStoreLimits(), in scratch: ScratchDirectory? = nil,
    _ body: (SQLiteMetadataStore) async throws -> Void
) async throws {
    let scratch = try scratch ?? ScratchDirectory()
    let store = try await SQLiteMetadataStore.open(at: "\(scratch.path)/metadata.sqlite", limits: limits)
    do {
        try await body(store)
    } catch {
        await store.close()
        throw error
    }
    await store.close()
}

/// Records of the contract have no events, which is the one thing that a check of the whole registry would miss.
func expectNoProblems(of store: SQLiteMetadataStore) async throws {
    #expect(try await store.integrityCheck() == [])
}
