import struct Crypto.SHA256
import LinuxFiles
public import OCI
public import RegistryPorts

/// One file that is replaced as a whole, piece by piece: `manifest.yaml`, or a list that an operator wrote.
public struct FilesystemDocument: DocumentFile {
    private let folder: String
    private let name: String
    private let permissions: UInt32
    private let pool = BlockingPool(threadsMax: 1, waitingMax: 64)

    /// - Parameter path: absolute. The folder need not exist for reading: then there is no document.
    public init(path: String, permissions: UInt32 = 0o644) {
        let slash = path.lastIndex(of: "/") ?? path.startIndex
        folder = slash == path.startIndex ? "/" : String(path[..<slash])
        name = String(path[slash...].drop { $0 == "/" })
        self.permissions = permissions
    }

    public func read(bytesMax: Int) async throws(StorageFault) -> [UInt8]? {
        try await pool.run { () throws(StorageFault) in
            guard let file = try opened() else { return nil }
            return try storing { () throws(FileFault) in
                try file.read(0..<min(try file.identity().size, Int64(clamping: bytesMax)))
            }
        }
    }

    public func digest() async throws(StorageFault) -> Digest? {
        try await pool.run { () throws(StorageFault) in
            guard let file = try opened() else { return nil }
            return try Digest(stored: storing { () throws(FileFault) in try HashPass.run(over: file) }.digest)
        }
    }

    public func replace(with next: @Sendable () async throws -> [UInt8]?) async throws -> Digest {
        let temporary = DurableFile.temporaryPrefix + name
        let directory = try await run { () throws(FileFault) in try Directory(path: folder) }
        let file = try await run { () throws(FileFault) in
            // Left by a crash: nobody else writes here.
            try? directory.removeFile(temporary)
            return try directory.createFile(temporary, permissions: permissions)
        }
        do {
            var hash = SHA256()
            var position: Int64 = 0
            while let piece = try await next() {
                hash.update(data: piece)
                let start = position
                try await run { () throws(FileFault) in try file.write(piece, at: start) }
                position += Int64(piece.count)
            }
            try await run { () throws(FileFault) in
                try file.sync()
                try directory.rename(temporary, to: directory, as: name)
                try directory.sync()
            }
            return try Digest(stored: Array(hash.finalize()))
        } catch {
            try? directory.removeFile(temporary)
            throw error
        }
    }

    private func run<T: Sendable>(
        _ body: @escaping @Sendable () throws(FileFault) -> T
    ) async throws(StorageFault) -> T {
        try await pool.run { () throws(StorageFault) in try storing(body) }
    }

    private func opened() throws(StorageFault) -> FileDescriptor? {
        do throws(FileFault) {
            return try Directory(path: folder).openFile(name)
        } catch {
            switch error.kind {
            case .notFound, .notDirectory: return nil
            case .notRegular, .isDirectory, .escapes: throw .corrupted(reason: error.description)
            default: throw StorageFault(error)
            }
        }
    }
}
