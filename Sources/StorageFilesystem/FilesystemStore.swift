public import LinuxFiles

/// The registry's directory, laid out and locked.
///
/// ```
/// REGISTRY_DIR/
///   store/            this process alone
///     lock            held while the process runs
///     blobs/sha256/ab/<hex>
///     staging/        emptied at start
///     uploads/<hex>   one file for each upload that is not finished
///     metadata/       the metadata store's
///     keys/  log/
///   trusted/<name>/   the view of what is trusted: hard links to blobs
///   manifest.yaml
/// ```
public struct FilesystemStore: Sendable {
    public let root: Directory
    public let store: Directory
    public let keys: Directory
    public let log: Directory
    let blobs: Directory
    let staging: Directory
    let uploads: Directory
    let trusted: Directory
    /// The absolute path of the registry's directory.
    public let path: String
    /// Whether this start made the store.
    public let isNew: Bool
    private let lock: DirectoryLock

    /// The folder of the metadata store.
    public var metadataPath: String { path + "/store/metadata" }

    /// Opens the registry's directory, making in it what is missing, and locks it.
    ///
    /// - Throws: `StoreFault`.
    public init(path: String) throws(StoreFault) {
        self.path = path
        do {
            root = try Directory(path: path)
        } catch {
            throw error.kind == .notFound ? .noDirectory : .cannotOpen(error)
        }
        do {
            let found = try root.entries(entriesMax: 1_000_000).contains { $0.name == "store" }
            isNew = !found
            store = try root.subdirectory(making: "store", permissions: 0o700)
            try Self.requirePrivate(store)
            lock = try Self.lock(store)
            let all = try store.subdirectory(making: "blobs", permissions: 0o700)
            blobs = try all.subdirectory(making: "sha256", permissions: 0o700)
            for number in 0..<256 {
                let name = (number < 16 ? "0" : "") + String(number, radix: 16)
                _ = try blobs.subdirectory(making: name, permissions: 0o700)
            }
            staging = try store.subdirectory(making: "staging", permissions: 0o700)
            uploads = try store.subdirectory(making: "uploads", permissions: 0o700)
            keys = try store.subdirectory(making: "keys", permissions: 0o700)
            log = try store.subdirectory(making: "log", permissions: 0o700)
            _ = try store.subdirectory(making: "metadata", permissions: 0o700)
            // Runtimes of other users look in here.
            trusted = try root.subdirectory(making: "trusted", permissions: 0o755)
            for directory in [blobs, all, store, root] { try directory.sync() }
        } catch let fault as StoreFault {
            throw fault
        } catch let fault as FileFault {
            throw .cannotOpen(fault)
        } catch {
            throw .cannotOpen(FileFault(.open, .other))
        }
    }

    /// Lets another process have the directory.
    public func close() {
        lock.release()
    }

    private static func requirePrivate(_ store: Directory) throws {
        let identity = try store.identity()
        guard !identity.isWritableByOthers, identity.permissions & 0o007 == 0 else { throw StoreFault.writableByOthers }
    }

    private static func lock(_ store: Directory) throws -> DirectoryLock {
        do {
            return try DirectoryLock.acquire("lock", in: store)
        } catch {
            switch error {
            case .held(let pid): throw StoreFault.inUse(by: pid)
            case .fault(let fault): throw StoreFault.cannotOpen(fault)
            }
        }
    }
}

/// Why the registry's directory cannot be used. The registry does not start.
public enum StoreFault: Error, Sendable, CustomStringConvertible {
    case noDirectory
    /// Another process has it; its number if it is known.
    case inUse(by: Int32?)
    case writableByOthers
    case cannotOpen(FileFault)

    public var description: String {
        switch self {
        case .noDirectory: "the registry's directory does not exist: make it, or set registry_dir"
        case .inUse(let pid):
            "another process uses the registry's directory" + (pid.map { " (process \($0))" } ?? "")
        case .writableByOthers:
            "store/ is open to others than its owner, who could change what is trusted: chmod 700"
        case .cannotOpen(let fault): "the registry's directory cannot be used: \(fault)"
        }
    }
}
