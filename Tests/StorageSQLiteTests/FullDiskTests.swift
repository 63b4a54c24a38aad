import FileTestSupport
import LinuxFiles
import RegistryCore
import RegistryPorts
import RegistryTesting
import StorageSQLite
import Testing

@Suite("A full disk", .serialized, .enabled(if: ScratchDirectory.canMount, "only root may mount a small disk"))
struct FullDiskTests {
    @Test("A full disk loses nothing, reading goes on, and writing works again when there is room", arguments: [1, 8])
    func recovers(writers: Int) async throws {
        let scratch = try ScratchDirectory(mountingBytes: 4 << 20)
        try scratch.write(patternedBytes(1 << 20), as: "ballast")
        try await withStore(in: scratch) { store in
            var kept = 0
            var refusals = 0
            while refusals < 10 {
                let results = await Self.writeLeaves(writers, to: store)
                for result in results {
                    switch result {
                    case .success: kept += 1
                    case .failure(let fault):
                        #expect(fault as? StorageFault == .full)
                        refusals += 1
                    }
                }
                try #require(kept < 10_000)
            }
            #expect(kept > 0)
            #expect(try await store.logHead().size == UInt64(kept))
            #expect(try await store.entries(from: 0, limit: 10_000).count == kept)

            try scratch.directory.removeFile("ballast")
            let again = await Self.writeLeaves(writers, to: store)
            for result in again { _ = try result.get() }
            kept += again.count
            try await expectNoProblems(of: store)
            #expect(try await store.logHead().size == UInt64(kept))
        }
        try await withStore(in: scratch) { store in
            try await expectNoProblems(of: store)
        }
    }

    @Test("A body cannot hide that the disk was full while it wrote")
    func hiddenFault() async throws {
        let scratch = try ScratchDirectory(mountingBytes: 4 << 20)
        try await withStore(in: scratch) { store in
            let long = patternedBytes(1 << 20)
            await #expect(throws: StorageFault.full) {
                try await store.write { transaction in
                    // More than the page cache holds, so that writing begins before the commit.
                    for number in 0..<40 {
                        let blob = try MetadataSamples.digest("\(number)")
                        try? transaction.putInspection(long, InspectionKey(blob: blob, name: "f", rules: "1"))
                    }
                }
            }
            let first = InspectionKey(blob: try MetadataSamples.digest("0"), name: "f", rules: "1")
            #expect(try await store.inspection(first) == nil)
            _ = try await store.write { transaction in try transaction.appendLeaf([1]) }
            try await expectNoProblems(of: store)
        }
    }

    private static func writeLeaves(
        _ count: Int, to store: SQLiteMetadataStore
    ) async -> [Result<UInt64, any Error>] {
        await withTaskGroup(of: Result<UInt64, any Error>.self) { group in
            for number in 0..<count {
                group.addTask {
                    do {
                        let bytes = patternedBytes(20_000, seed: UInt64(number))
                        return .success(try await store.write { try $0.appendLeaf(bytes) })
                    } catch {
                        return .failure(error)
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
    }
}
