import FileTestSupport
import Foundation
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageSQLite
import Testing

@Suite("Copies of the metadata")
struct BackupTests {
    @Test("A copy holds one moment, while writing goes on")
    func copyWhileWriting() async throws {
        let scratch = try ScratchDirectory()
        let copy = try ScratchDirectory()
        try await withStore(in: scratch) { store in
            let writing = Task {
                var written: UInt64 = 0
                while !Task.isCancelled {
                    written = try await store.write { transaction in
                        let index = try transaction.appendLeaf([1])
                        try transaction.putNamed(try MetadataSamples.record("n\(index)"))
                        return index + 1
                    }
                }
                return written
            }
            while try await store.logHead().size < 20 { await Task.yield() }
            let before = try await store.logHead().size
            try await store.backUp(to: "\(copy.path)/metadata.sqlite")
            writing.cancel()
            let after = try await writing.value
            #expect(try FileManager.default.contentsOfDirectory(atPath: copy.path) == ["metadata.sqlite"])
            try await withStore(in: copy) { copied in
                let size = try await copied.logHead().size
                #expect((before...after).contains(size))
                #expect(try await copied.counts().total == size)
                try await expectNoProblems(of: copied)
            }
        }
    }

    @Test("A copy replaces nothing")
    func existing() async throws {
        let scratch = try ScratchDirectory()
        let path = try scratch.write([1, 2, 3], as: "kept")
        try await withStore { store in
            await #expect(throws: StorageFault.changed) { try await store.backUp(to: path) }
            await #expect(throws: StorageFault.self) { try await store.backUp(to: "\(scratch.path)/none/copy") }
        }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data([1, 2, 3]))
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["kept"])
    }
}
