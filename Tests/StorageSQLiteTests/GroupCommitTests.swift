import Dispatch
import FileTestSupport
import LinuxFiles
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageSQLite
import Testing

@Suite("Commits of several writes")
struct GroupCommitTests {
    @Test("A write that finds the queue full is refused, and what waits is served")
    func overloaded() async throws {
        var limits = SQLiteStoreLimits()
        limits.writesWaitingMax = 4
        try await withStore(limits) { store in
            let (started, release) = (DispatchSemaphore(value: 0), DispatchSemaphore(value: 0))
            async let first: Void = store.write { _ in
                started.signal()
                release.wait()
            }
            await started.signalled()
            let results = await withTaskGroup(of: Result<UInt64, any Error>.self) { group in
                for number in UInt8(0)..<20 {
                    group.addTask {
                        do {
                            return .success(try await store.write { try $0.appendLeaf([number]) })
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                var results: [Result<UInt64, any Error>] = []
                for await result in group {
                    results.append(result)
                    // Everybody beyond the queue was answered: now let the first write end.
                    if results.count == 16 { release.signal() }
                }
                return results
            }
            try await first
            let kept = results.compactMap { try? $0.get() }
            #expect(Set(kept) == [0, 1, 2, 3])
            for case .failure(let error) in results { #expect(error as? StorageFault == .overloaded) }
            #expect(try await store.logHead().size == 4)
        }
    }

    @Test("Limits of nothing at a time still let one thing through at a time")
    func leastLimits() async throws {
        var limits = SQLiteStoreLimits()
        limits.writesPerCommitMax = 0
        limits.commitBytesMax = 0
        limits.readsPerTransactionMax = 0
        limits.readers = 0
        limits.checkpointPages = 0
        limits.walPagesMax = 0
        try await withStore(limits) { store in
            try await withThrowingTaskGroup { group in
                for number in UInt8(0)..<20 {
                    group.addTask {
                        _ = try await store.write { transaction in try transaction.appendLeaf([number]) }
                        #expect(try await store.logHead().size > 0)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.logHead().size == 20)
        }
    }

    @Test("A document that no row may hold is refused by itself")
    func tooLong() async throws {
        var limits = SQLiteStoreLimits()
        limits.documentBytesMax = 100
        try await withStore(limits) { store in
            let long = [UInt8](repeating: 1, count: 101)
            let key = InspectionKey(blob: try MetadataSamples.digest("blob"), name: "f", rules: "1")
            let refused = Task {
                try await store.write { transaction in try transaction.putInspection(long, key) }
            }
            let kept = Task { try await store.write { transaction in try transaction.appendLeaf([1]) } }
            await #expect(throws: StorageFault.self) { try await refused.value }
            #expect(try await kept.value == 0)
        }
    }

    @Test("The write-ahead log does not grow for ever")
    func checkpoints() async throws {
        let scratch = try ScratchDirectory()
        var limits = SQLiteStoreLimits()
        limits.checkpointPages = 50
        try await withStore(limits, in: scratch) { store in
            let bytes = patternedBytes(10_000)
            for number in 0..<200 {
                try await store.write { transaction in
                    let blob = try MetadataSamples.digest("\(number)")
                    try transaction.putInspection(bytes, InspectionKey(blob: blob, name: "f", rules: "1"))
                }
            }
            let size = try scratch.directory.identity(of: "metadata.sqlite-wal").size
            #expect(size < 1_000_000)
            #expect(store.lastCheckpointFault == nil)
        }
    }

    @Test("Room that is not used any more is given back")
    func vacuum() async throws {
        let scratch = try ScratchDirectory()
        try await withStore(in: scratch) { store in
            let key = InspectionKey(blob: try MetadataSamples.digest("blob"), name: "f", rules: "1")
            let long = patternedBytes(1 << 20)
            try await store.write { transaction in try transaction.putInspection(long, key) }
            try await store.write { transaction in try transaction.putInspection([1], key) }
            try await store.vacuum()
            #expect(try scratch.directory.identity(of: "metadata.sqlite").size < 1 << 19)
            #expect(try await store.inspection(key) == [1])
            try await expectNoProblems(of: store)
        }
    }
}

extension DispatchSemaphore {
    /// Waits on a thread that may block.
    fileprivate func signalled() async {
        await withCheckedContinuation { continuation in
            DispatchQueue.global().async {
                self.wait()
                continuation.resume()
            }
        }
    }
}
