import Glibc
public import LinuxFiles
package import OCI

/// The registry's directory, laid out and locked.
///
/// ```
/// REGISTRY_DIR/
///   store/            this process alone
///     lock            held while the process runs
///     blobs/sha256/ab/<hex>  blobs/sha512/ab/<hex>
///     staging/        emptied at start
///     journal/        small blobs whose files are not on the disk yet
///     uploads/<hex>   one file for each upload that is not finished, and a note for each that ends
///     leases/<hex>    one empty file for each blob that waits to become part of an artifact
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
    let folders: BlobFolders
    let staging: StagingFolder
    let uploads: Directory
    let leases: Directory
    let trusted: Directory
    /// What makes the name of a blob durable.
    let names: NameDurability
    let journal: BlobJournal
    /// The absolute path of the registry's directory.
    public let path: String
    /// Whether this start made the store.
    public let isNew: Bool
    private let lock: DirectoryLock

    /// The folder of the metadata store.
    public var metadataPath: String { path + "/store/metadata" }

    /// Opens the registry's directory, making in it what is missing, and locks it.
    ///
    /// - Parameter mustExist: make nothing where there is no store yet.
    /// - Throws: `StoreFault`.
    public init(path: String, mustExist: Bool = false) throws(StoreFault) {
        do {
            self.path = try Directory.canonicalPath(path)
            root = try Directory(path: path)
        } catch {
            guard error.kind == .notFound else { throw .cannotOpen(path, error) }
            throw mustExist ? .noStore(path) : .noDirectory(path)
        }
        do {
            if mustExist, try !Self.holdsAnything(root) { throw StoreFault.noStore(path) }
            isNew = try Self.isMissing("store", in: root)
            store = try root.subdirectory(making: "store", permissions: 0o700)
            try Self.requireOurs(store, closedTo: 0o027, named: "store")
            lock = try Self.lock(store)
            let blobs = try store.subdirectory(making: "blobs", permissions: 0o700)
            folders = try BlobFolders(blobs)
            names = NameDurability(of: blobs)
            let uploads = try store.subdirectory(making: "uploads", permissions: 0o700)
            let staging = try store.subdirectory(making: "staging", permissions: 0o700)
            self.staging = try StagingFolder(staging) { leftovers throws(FileFault) in
                try EndedUpload.giveBack(to: uploads, from: staging, leftovers)
            }
            self.uploads = uploads
            journal = try BlobJournal(in: store) { [folders, staging = self.staging] record throws(FileFault) in
                try folders.restore(record, by: staging)
            }
            leases = try store.subdirectory(making: "leases", permissions: 0o700)
            keys = try store.subdirectory(making: "keys", permissions: 0o700)
            log = try store.subdirectory(making: "log", permissions: 0o700)
            _ = try store.subdirectory(making: "metadata", permissions: 0o700)
            // Runtimes of other users look in here.
            trusted = try root.subdirectory(making: "trusted", permissions: 0o755)
            try Self.requireOurs(trusted, closedTo: 0o022, named: "trusted")
            for directory in [blobs, store, root] { try directory.sync() }
        } catch let fault as StoreFault {
            throw fault
        } catch let fault as FileFault {
            throw .cannotOpen(path, fault)
        } catch {
            throw .cannotOpen(path, FileFault(.open, .other))
        }
    }

    /// Checks that a store can be opened or made at `path`, without making, changing or locking anything: a registry
    /// may be at work in it.
    public static func check(path: String) throws(StoreFault) {
        do {
            let root = try Directory(path: path)
            var isMissingAny = false
            for (name, others) in [("store", UInt32(0o027)), ("trusted", 0o022)] {
                if try isMissing(name, in: root) {
                    isMissingAny = true
                } else {
                    let folder = try root.subdirectory(name)
                    try requireOurs(folder, closedTo: others, named: name)
                    guard folder.isWritable else { throw FileFault(.create, .permission) }
                }
            }
            guard root.isWritable || !isMissingAny else { throw FileFault(.create, .permission) }
        } catch let fault as StoreFault {
            throw fault
        } catch let fault as FileFault {
            throw fault.kind == .notFound ? .noDirectory(path) : .cannotOpen(path, fault)
        } catch {
            throw .cannotOpen(path, FileFault(.open, .other))
        }
    }

    /// The folder that a blob goes into, for those who lay a store out.
    package func blobFolder(making digest: Digest) throws(FileFault) -> Directory {
        try folders.folder(making: digest).directory
    }

    /// Lets another process have the directory.
    public func close() {
        journal.close()
        lock.release()
    }

    /// Whether a start came so far that it kept something: metadata, a key or a checkpoint. Folders alone are no store.
    private static func holdsAnything(_ root: Directory) throws -> Bool {
        for name in ["store/metadata", "store/keys", "store/log"] {
            let folder: Directory
            do throws(FileFault) { folder = try root.subdirectory(name) } catch {
                guard error.kind == .notFound else { throw error }
                continue
            }
            for entry in try folder.entries(entriesMax: 1_000) {
                guard let file = entry.name else { return true }
                let identity = try folder.identity(of: file)
                if identity.kind != .regular || identity.size > 0 { return true }
            }
        }
        return false
    }

    private static func isMissing(_ name: String, in directory: Directory) throws -> Bool {
        do throws(FileFault) {
            _ = try directory.identity(of: name)
            return false
        } catch {
            guard error.kind == .notFound else { throw error }
            return true
        }
    }

    /// Whoever could write here, or put a directory of their own in this place, would decide what is trusted.
    private static func requireOurs(_ directory: Directory, closedTo others: UInt32, named name: String) throws {
        let identity = try directory.identity()
        guard identity.permissions & others == 0 else { throw StoreFault.openToOthers(name) }
        guard identity.owner == geteuid() else { throw StoreFault.ownedByAnother(name) }
    }

    private static func lock(_ store: Directory) throws -> DirectoryLock {
        do {
            return try DirectoryLock.acquire("lock", in: store)
        } catch {
            switch error {
            case .held(let pid): throw StoreFault.inUse(by: pid)
            case .fault(let fault): throw fault
            }
        }
    }
}

/// Why the registry's directory cannot be used. The registry does not start.
public enum StoreFault: Error, Sendable, CustomStringConvertible {
    /// Nothing has this path.
    case noDirectory(String)
    /// There is nothing at this path that a registry kept, and whoever asked makes nothing.
    case noStore(String)
    /// Another process has it; its number if it is known.
    case inUse(by: Int32?)
    /// The permissions of this directory let others than its owner in.
    case openToOthers(String)
    /// This directory belongs to another user than the one that the process runs as.
    case ownedByAnother(String)
    case cannotOpen(String, FileFault)

    public var description: String {
        switch self {
        case .noDirectory(let path): "the registry's directory \(path) does not exist: make it, or set registry_dir"
        case .noStore(let path):
            "there is no store in the registry's directory \(path): see registry_dir (store_not_found)"
        case .inUse(let pid):
            "another process uses the registry's directory" + (pid.map { " (process \($0))" } ?? "")
        case .openToOthers(let name):
            "\(name)/ is open to others than its owner, who could change what is trusted: chmod go-w, for store/ 700"
        case .ownedByAnother(let name):
            "\(name)/ belongs to another user than the one that pratique runs as: chown -R it"
        case .cannotOpen(let path, let fault):
            switch fault.kind {
            case .noSpace: "there is no room on the disk of the registry's directory \(path): make some"
            case .permission: "pratique may not write to the registry's directory \(path): see who owns it"
            case .notDirectory: "\(path) is no directory: set registry_dir"
            default: "the registry's directory \(path) cannot be used: \(fault)"
            }
        }
    }
}
