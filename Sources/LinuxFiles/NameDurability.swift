import CLinux

/// What it takes on a file system to have the name of a new file survive a power cut.
public enum NameDurability: Sendable, Hashable {
    /// A sync of the directory, after that of the file (fsync(2), "does not necessarily ensure").
    case withDirectory
    /// A sync of the file that was named: its file system has a journal that keeps the order of what was changed, and
    /// the name and the file's count of names were changed in one step of it.
    case withFile

    private static let ext: Int64 = 0xEF53
    private static let xfs: Int64 = 0x5846_5342

    /// What the file system of `directory` takes; `.withDirectory` wherever that is not known for certain.
    public init(of directory: Directory) {
        let type = directory.descriptor.withNumber { clinux_file_system_type($0) }
        switch type {
        case Self.xfs: self = .withFile
        case Self.ext: self = Self.hasJournal(directory) ? .withFile : .withDirectory
        default: self = .withDirectory
        }
    }

    /// Whether ext4 keeps a journal of the file system. ext2, and ext4 that was made without one, answer as ext4 does.
    private static func hasJournal(_ directory: Directory) -> Bool {
        guard let device = try? directory.identity().device else { return false }
        let block = "/sys/dev/block/\(clinux_device_major(device)):\(clinux_device_minor(device))"
        guard let target = try? Directory.canonicalPath(block), let name = target.split(separator: "/").last,
            let folder = try? Directory(path: "/sys/fs/ext4/\(name)"),
            // The number of the kernel's thread that writes it, or `<none>`.
            let task = try? folder.openFile("journal_task").read(0..<1)
        else { return false }
        return task.first.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
    }
}
