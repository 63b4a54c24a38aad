import RegistryCore
import RegistryTesting
import StorageMemory
import Testing

extension TestRegistry {
    /// Appends an entry with the hashes that belong to it, as anybody can who can write to the store: it says of one
    /// artifact what the log says of another one that was promoted.
    func forgePromotion(of name: String, like other: String) async throws {
        let record = try await record(name)
        let log = try await log()
        let genuine = try #require(
            log.last { event in
                guard case .artifact(_, let promoted) = event.subject, case .promoted = event.body else { return false }
                return promoted.description == other
            })
        var forged = genuine
        forged.index = UInt64(log.count)
        forged.time = try #require(log.last).time
        forged.subject = .artifact(record.key, name: record.name)
        world.store.tamper(.appended(try forged.encoded(), record.key))
    }
}
