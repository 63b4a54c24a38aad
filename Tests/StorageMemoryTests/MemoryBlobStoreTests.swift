import RegistryTesting
import Testing

@Suite("Blobs in memory")
struct MemoryBlobStoreTests {
    @Test("They keep the contract", arguments: BlobStoreContract.clauses)
    func contract(clause: BlobStoreContract.Clause) async throws {
        try await clause.check(MemoryBlobStore())
    }
}
