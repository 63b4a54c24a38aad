import Foundation
import Glibc

/// The file systems that tests make.
public enum DiskKind: String, Sendable, CaseIterable {
    case ext4
    /// ext4 that keeps no order.
    case ext4WithoutJournal
    /// Takes 300 MiB at least.
    case xfs

    fileprivate var command: [String] {
        switch self {
        case .ext4: ["/sbin/mkfs.ext4", "-q", "-F"]
        case .ext4WithoutJournal: ["/sbin/mkfs.ext4", "-q", "-F", "-O", "^has_journal"]
        case .xfs: ["/sbin/mkfs.xfs", "-q", "-f"]
        }
    }
}

/// Mounts an empty file system for as long as `body` runs.
///
/// - Parameters:
///   - path: an empty directory.
///   - bytes: the size of the disk.
public func withCuttableDisk<T>(
    at path: String, bytes: Int, _ kind: DiskKind = .ext4, _ body: (CuttableDisk) async throws -> T
) async throws -> T {
    let disk = try CuttableDisk(at: path, bytes: bytes, kind)
    defer { disk.remove() }
    return try await body(disk)
}

/// A file system in a file, from which whatever was not synced can be taken away.
public final class CuttableDisk: Sendable {
    /// Where it is mounted.
    public let path: String
    private let scratch: ScratchDirectory

    /// Whether tests may mount disks of their own: root may, with mkfs.ext4 and a loop device.
    public static let isPossible: Bool = {
        guard let scratch = try? ScratchDirectory(),
            let disk = try? CuttableDisk(at: scratch.path, bytes: 8 << 20, .ext4)
        else { return false }
        disk.remove()
        return withExtendedLifetime(scratch) { true }
    }()

    fileprivate init(at path: String, bytes: Int, _ kind: DiskKind) throws {
        self.path = path
        scratch = try ScratchDirectory()
        guard FileManager.default.createFile(atPath: image, contents: nil), truncate(image, off_t(bytes)) == 0 else {
            throw DiskFault(description: "\(image): errno \(errno)")
        }
        try Self.run(kind.command[0], Array(kind.command.dropFirst()) + [image])
        try Self.run("/bin/mount", ["-o", "loop", image, path])
    }

    private var image: String { scratch.path + "/image" }

    fileprivate func remove() {
        umount2(path, Int32(MNT_DETACH))
    }

    /// From here on nothing reaches the disk, not even the file system's own journal.
    ///
    /// Programs that use the disk go on. A sync of a file that grew, running when this is called, may then return
    /// success for bytes that are lost: ext4 waits for them, gives their place up and reports nothing. So only what
    /// was acknowledged before this call counts as acknowledged.
    public func cutPower() throws {
        let root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard root >= 0 else { throw DiskFault(description: "\(path): errno \(errno)") }
        defer { close(root) }
        // EXT4_IOC_SHUTDOWN, _IOR('X', 125, __u32), with EXT4_GOING_FLAGS_NOLOGFLUSH; XFS_IOC_GOINGDOWN is the same.
        var flags: UInt32 = 2
        guard ioctl(root, 0x8004_587D, &flags) == 0 else {
            throw DiskFault(description: "the power of \(path) cannot be cut: errno \(errno)")
        }
    }

    /// Mounts what was on the disk when the power was cut. Nobody may use files of it any more.
    public func restart() throws {
        // Processes that were killed let go of their files a moment later.
        var patience = 2_000
        while umount2(path, 0) != 0 {
            guard errno == EBUSY, patience > 0 else { throw DiskFault(description: "umount \(path): errno \(errno)") }
            patience -= 1
            usleep(5_000)
        }
        try Self.run("/bin/mount", ["-o", "loop", image, path])
    }

    private struct DiskFault: Error, CustomStringConvertible {
        let description: String
    }

    private static func run(_ program: String, _ arguments: [String]) throws {
        let status = try reap(spawn(program, arguments))
        guard status == 0 else { throw DiskFault(description: "\(program) \(arguments): status \(status)") }
    }
}
