import LinuxFiles
public import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization

/// Leases as one small file each, named after the blob. The time of its last change is the lease's.
public final class FilesystemLeases: LeaseStore {
    /// Most leases at a time.
    public static let leasesMax = 100_000

    private let directory: Directory
    private let sync: DirectorySync
    private let pool = BlockingPool(threadsMax: 4, waitingMax: 4_096)
    /// How many there are, once somebody counted.
    private let count = Mutex<Int?>(nil)

    public init(_ store: FilesystemStore) {
        directory = store.leases
        sync = DirectorySync(store.leases)
    }

    public func renew(_ blob: Digest) async throws(StorageFault) {
        try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in
                try self.touch(blob.hex)
                try self.sync.sync()
            }
        }
    }

    private func touch(_ name: String) throws(FileFault) {
        let file: FileDescriptor
        do throws(FileFault) {
            file = try directory.openFileForWriting(name)
        } catch {
            guard error.kind == .notFound else { throw error }
            try countOne()
            file = try directory.createFile(name, permissions: 0o600)
        }
        // Writing is what moves the time.
        try file.write([UInt8(ascii: "\n")], at: 0)
        try file.sync()
    }

    /// - Throws: `.noSpace` when there are too many already.
    private func countOne() throws(FileFault) {
        let known = count.withLock { $0 }
        let before: Int
        if let known { before = known } else { before = try names().count }
        guard before < Self.leasesMax else {
            // Some may have ended since.
            count.withLock { $0 = nil }
            throw FileFault(.create, .noSpace)
        }
        count.withLock { $0 = max($0 ?? 0, before) + 1 }
    }

    public func renewal(of blob: Digest) async throws(StorageFault) -> Timestamp? {
        try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in try self.time(of: blob.hex) }
        }
    }

    public func end(_ blob: Digest) async throws(StorageFault) {
        try await pool.run { () throws(StorageFault) in
            do throws(FileFault) {
                try self.directory.removeFile(blob.hex)
            } catch {
                guard error.kind == .notFound else { throw StorageFault(error) }
                return
            }
            self.count.withLock { count in count = count.map { max(0, $0 - 1) } }
        }
    }

    public func leases(renewedBefore time: Timestamp, limit: Int) async throws(StorageFault) -> [Digest] {
        try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in
                var found: [Digest] = []
                for name in try self.names() where found.count < limit {
                    guard let blob = Digest(fileName: name), let renewal = try self.time(of: name),
                        renewal < time
                    else { continue }
                    found.append(blob)
                }
                return found
            }
        }
    }

    private func names() throws(FileFault) -> [String] {
        try directory.entries(entriesMax: Self.leasesMax * 2).compactMap(\.name)
    }

    private func time(of name: String) throws(FileFault) -> Timestamp? {
        do throws(FileFault) {
            let modified = try directory.identity(of: name).modified
            return Timestamp(clamping: modified.seconds &* 1_000 &+ modified.nanoseconds / 1_000_000)
        } catch {
            guard error.kind == .notFound else { throw error }
            return nil
        }
    }
}
