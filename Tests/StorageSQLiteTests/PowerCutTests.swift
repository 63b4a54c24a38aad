import FileTestSupport
import Foundation
import Glibc
import RegistryCore
import StorageSQLite
import Testing

@Suite(
    "A power cut", .serialized,
    .enabled(if: CuttableDisk.isPossible, "only root, with mkfs.ext4, may cut the power of a disk"))
struct PowerCutTests {
    @Test("Every acknowledged write survives a power cut")
    func powerCut() async throws {
        let scratch = try ScratchDirectory()
        let disk = try CuttableDisk(in: scratch.path)
        let writer = WriterProcess(directory: disk.path, tasks: 8, writes: 100_000)
        for round in 0..<10 {
            let report = try writer.run(killingAfterLines: 1 + 30 * round) { try disk.cutPower() }
            try disk.restart()
            try await writer.expect(report)
        }
    }
}

/// A file system in a file, from which whatever was not synced can be taken away.
private final class CuttableDisk {
    let path: String
    private let image: String

    static var isPossible: Bool {
        ScratchDirectory.canMount && FileManager.default.isExecutableFile(atPath: "/sbin/mkfs.ext4")
    }

    init(in directory: String) throws {
        image = "\(directory)/image"
        path = "\(directory)/disk"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try #require(FileManager.default.createFile(atPath: image, contents: nil))
        try #require(truncate(image, 64 << 20) == 0)
        try #require(Self.run("/sbin/mkfs.ext4", "-q", "-F", image))
        try #require(Self.run("/bin/mount", "-o", "loop", image, path))
    }

    deinit {
        _ = Self.run("/bin/umount", path)
    }

    /// From here on nothing reaches the disk, not even the file system's own journal.
    func cutPower() throws {
        let root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        defer { close(root) }
        // EXT4_IOC_SHUTDOWN, _IOR('X', 125, __u32), with EXT4_GOING_FLAGS_NOLOGFLUSH.
        var flags: UInt32 = 2
        try #require(ioctl(root, 0x8004_587D, &flags) == 0)
    }

    func restart() throws {
        try #require(Self.run("/bin/umount", path))
        try #require(Self.run("/bin/mount", "-o", "loop", image, path))
    }

    private static func run(_ program: String, _ arguments: String...) -> Bool {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }
}
