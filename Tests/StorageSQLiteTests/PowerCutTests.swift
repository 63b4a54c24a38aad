import FileTestSupport
import Glibc
import RegistryPorts
import RegistryTesting
import StorageSQLite
import Testing

@Suite(
    "A power cut", .serialized,
    .enabled(if: CuttableDisk.isPossible, "only root, with mkfs.ext4, may cut the power of a disk"))
struct PowerCutTests {
    @Test(
        "Every acknowledged write survives a power cut, while the log grows and while it starts again",
        arguments: [Int.max, 100])
    func powerCut(checkpointPages: Int) async throws {
        let scratch = try ScratchDirectory()
        try await withCuttableDisk(at: scratch.path, bytes: 64 << 20) { disk in
            let writer = WriterProcess(
                directory: disk.path, tasks: 8, writes: 100_000, checkpointPages: checkpointPages)
            for round in 0..<10 {
                let report = try writer.run(cuttingPowerOf: disk, afterLines: 1 + 100 * round)
                try disk.restart()
                try await writer.expect(report)
            }
        }
        withExtendedLifetime(scratch) {}
    }

    @Test("What the system does not read any more is unavailable, and not damaged")
    func unreadable() async throws {
        let scratch = try ScratchDirectory()
        let digest = try MetadataSamples.digest("document")
        try await withCuttableDisk(at: scratch.path, bytes: 64 << 20) { disk in
            try await withStore(in: scratch) { store in
                let document = MetadataSamples.bytes("document")
                try await store.write { transaction in try transaction.putManifest(document, digest: digest) }
            }
            let store = try await SQLiteMetadataStore.open(at: "\(scratch.path)/metadata.sqlite")
            try Self.forgetPages(of: "\(scratch.path)/metadata.sqlite")
            try disk.cutPower()
            await #expect {
                try await store.manifest(digest)
            } throws: { error in
                if case .unavailable = error as? StorageFault { true } else { false }
            }
            await store.close()
        }
    }

    /// Has the next read of the file go to the disk.
    private static func forgetPages(of path: String) throws {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        defer { close(file) }
        try #require(file >= 0 && fsync(file) == 0 && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0)
    }
}
