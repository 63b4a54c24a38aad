import Glibc
import LinuxFiles
public import RegistryPorts

/// A file that holds room and nothing else.
public struct FilesystemReserve: SpaceReserve {
    /// Enough for some thousand revocations with all that is written for each.
    public static let bytes: Int64 = 16 << 20
    private static let name = "reserve"

    private let directory: Directory
    private let pool = BlockingPool(threadsMax: 1, waitingMax: 64)

    public init(_ store: FilesystemStore) {
        directory = store.store
    }

    public func release() async -> Bool {
        let released: Bool? = try? await pool.run { () throws(StorageFault) in
            do throws(FileFault) {
                try directory.removeFile(Self.name)
                return true
            } catch {
                return false
            }
        }
        return released ?? false
    }

    public func restore() async {
        _ = try? await pool.run { () throws(StorageFault) in
            // Not worth failing for: the next restore tries again, and a disk this full refuses what needs room anyway.
            try? restoreNow()
        }
    }

    private func restoreNow() throws(FileFault) {
        let names = try directory.entries(entriesMax: 64).compactMap(\.name)
        guard !names.contains(Self.name) else { return }
        // Only where twice as much is free: the reserve must never be what fills the disk.
        guard try directory.freeSpace().bytes > UInt64(Self.bytes) * 2 else { return }
        let file = try directory.createFile(Self.name, permissions: 0o600)
        let result = file.withNumber { number in posix_fallocate(number, 0, Int(Self.bytes)) }
        if result != 0 { try directory.removeFile(Self.name) }
    }
}
