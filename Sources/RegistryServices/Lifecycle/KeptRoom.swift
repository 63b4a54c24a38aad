import RegistryCore
import RegistryPorts

extension SpaceReserve {
    /// Does what takes trust away, on a full disk with the room that is kept for this.
    ///
    /// - Parameter work: changes nothing where it throws.
    func whileTakingTrust<Value>(
        _ work: () async throws(RegistryError) -> Value
    ) async throws(RegistryError) -> Value {
        do { return try await work() } catch {
            guard error.code == .storageFull, await release() else { throw error }
            return try await work()
        }
    }
}
