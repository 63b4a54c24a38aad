import FileTestSupport
import Foundation
import Testing

@Suite(
    "A power cut", .serialized,
    .enabled(if: CuttableDisk.isPossible, "only root, with mkfs.ext4, may cut the power of a disk"))
struct PowerCutTests {
    @Test("Every acknowledged write survives a power cut")
    func powerCut() async throws {
        let scratch = try ScratchDirectory()
        let path = scratch.path + "/disk"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        let disk = try CuttableDisk(at: path, image: scratch.path + "/image", bytes: 64 << 20)
        let writer = WriterProcess(directory: path, tasks: 8, writes: 100_000)
        for round in 0..<10 {
            let report = try writer.run(killingAfterLines: 1 + 30 * round) { try disk.cutPower() }
            try disk.restart()
            try await writer.expect(report)
        }
    }
}
