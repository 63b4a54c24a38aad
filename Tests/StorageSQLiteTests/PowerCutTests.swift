import FileTestSupport
import Testing

@Suite(
    "A power cut", .serialized,
    .enabled(if: CuttableDisk.isPossible, "only root, with mkfs.ext4, may cut the power of a disk"))
struct PowerCutTests {
    @Test("Every acknowledged write survives a power cut")
    func powerCut() async throws {
        let scratch = try ScratchDirectory()
        try await withCuttableDisk(at: scratch.path, bytes: 64 << 20) { disk in
            let writer = WriterProcess(directory: disk.path, tasks: 8, writes: 100_000)
            for round in 0..<10 {
                let report = try writer.run(killingAfterLines: 1 + 30 * round) { try disk.cutPower() }
                try disk.restart()
                try await writer.expect(report)
            }
        }
        withExtendedLifetime(scratch) {}
    }
}
