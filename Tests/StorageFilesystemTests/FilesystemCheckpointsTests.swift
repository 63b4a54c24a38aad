import FileTestSupport
import LinuxFiles
import RegistryPorts
import StorageFilesystem
import Testing

@Suite("The newest checkpoint", .serialized)
struct FilesystemCheckpointsTests {
    let fixture: StoreFixture
    let checkpoints: FilesystemCheckpoints

    init() throws {
        fixture = try StoreFixture()
        checkpoints = FilesystemCheckpoints(fixture.store)
    }

    @Test("It is replaced only by who knows the current one, and outlives the process")
    func replaces() async throws {
        #expect(try await checkpoints.fetch() == nil)
        try await checkpoints.replace(nil, with: [1])
        await #expect(throws: StorageFault.changed) { try await checkpoints.replace(nil, with: [2]) }
        await #expect(throws: StorageFault.changed) { try await checkpoints.replace([9], with: [2]) }
        #expect(try await checkpoints.fetch() == [1])
        try await checkpoints.replace([1], with: [2])
        #expect(try await FilesystemCheckpoints(fixture.store).fetch() == [2])
    }

    @Test("Of many that replace the same one, exactly one does")
    func replacesOnce() async throws {
        try await checkpoints.replace(nil, with: [0])
        let winners = await withTaskGroup { group in
            for number in UInt8(1)..<17 {
                group.addTask { [checkpoints] in
                    (try? await checkpoints.replace([0], with: [number])) == nil ? nil : number
                }
            }
            var winners: [UInt8] = []
            for await winner in group { if let winner { winners.append(winner) } }
            return winners
        }
        #expect(winners.count == 1)
        #expect(try await checkpoints.fetch() == winners)
    }
}
