import FileTestSupport
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
}
