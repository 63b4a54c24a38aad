import LinuxFiles
import RegistryPorts
import StorageFilesystem
import Synchronization
import Testing

@Suite("Batches of an upload", .serialized)
struct UploadBatchesTests {
    private static let batchBytes = 1 << 20

    /// What was done with batches, in the order in which it was.
    private final class Diary: Sendable {
        private let lines = Mutex<[String]>([])

        func note(_ line: String) { lines.withLock { $0.append(line) } }

        var notes: [String] { lines.withLock { $0 } }
    }

    private let fixture: StoreFixture
    private let diary = Diary()

    init() throws {
        fixture = try StoreFixture()
    }

    /// Each batch begins with its number.
    private func bytes(_ batches: Int) -> [UInt8] {
        (0..<batches).flatMap { [UInt8(truncatingIfNeeded: $0)] + [UInt8](repeating: 7, count: Self.batchBytes - 1) }
    }

    private func batches(failingAt failing: Int? = nil) -> UploadBatches {
        let diary = diary
        return UploadBatches(
            from: 0, fixture.store, BlockingPool(threadsMax: 4, waitingMax: 16),
            look: { diary.note("look \($0.bytes.first ?? 255)") }
        ) { batch, offset throws(FileFault) in
            let number = Int(offset) / Self.batchBytes
            guard batch.bytes.first == UInt8(number) else { throw FileFault(.write, .other) }
            if number == failing { throw FileFault(.write, .noSpace) }
            diary.note("write \(number)")
        }
    }

    @Test("Each is looked at before it is written, and both happen in order")
    func order() async throws {
        let batches = batches()
        try await batches.append(bytes(9))
        try await batches.drain()
        #expect(batches.written == UInt64(9 * Self.batchBytes))
        let notes = diary.notes
        #expect(notes.filter { $0.hasPrefix("look") } == (0..<9).map { "look \($0)" })
        #expect(notes.filter { $0.hasPrefix("write") } == (0..<9).map { "write \($0)" })
        for number in 0..<9 {
            let look = try #require(notes.firstIndex(of: "look \(number)"))
            let write = try #require(notes.firstIndex(of: "write \(number)"))
            #expect(look < write)
        }
    }

    @Test("After one that could not be written none is, and nothing after it counts", arguments: [0, 1, 4])
    func failure(failing: Int) async throws {
        let batches = batches(failingAt: failing)
        await #expect(throws: StorageFault.full) {
            try await batches.append(bytes(8))
            try await batches.drain()
        }
        await #expect(throws: StorageFault.full) { try await batches.drain() }
        #expect(diary.notes.filter { $0.hasPrefix("write") } == (0..<failing).map { "write \($0)" })
        #expect(batches.written == UInt64(failing * Self.batchBytes))
    }

    @Test("What is less than a batch is written when all has to be")
    func rest() async throws {
        let batches = batches()
        try await batches.append([0, 1, 2])
        #expect(batches.written == 0)
        try await batches.drain()
        #expect(batches.written == 3)
        #expect(diary.notes == ["look 0", "write 0"])
    }
}
