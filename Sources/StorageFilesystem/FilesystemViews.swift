import LinuxFiles
import OCI
public import RegistryCore
public import RegistryPorts

/// The view of what is trusted as hard links to blobs: no bytes are copied, and a link that is gone is gone at once.
///
/// A view is built in staging and moved into its place by one rename; it is taken away by one rename, too.
public struct FilesystemViews: TrustedViews {
    private static let folderPermissions: UInt32 = 0o755

    private let store: FilesystemStore
    private let folders: BlobFolders
    private let pool = BlockingPool(threadsMax: 2, waitingMax: 4_096)

    public init(_ store: FilesystemStore) throws(StorageFault) {
        self.store = store
        folders = try storing { () throws(FileFault) in try BlobFolders(store.blobs) }
    }

    public func path(of name: ArtifactName, file: RelativePath?) -> String {
        let folder = "\(store.path)/trusted/\(name)"
        return file.map { "\(folder)/\($0)" } ?? folder
    }

    public func publish(_ name: ArtifactName, files: [ViewedFile]) async throws(StorageFault) {
        try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in
                let temporary = Self.temporaryName(name)
                try? store.staging.removeTree(temporary)
                let folder = try store.staging.makeDirectory(temporary, permissions: Self.folderPermissions)
                for file in files { try link(file, in: folder) }
                let (parent, last) = try parent(of: name, making: true)
                do throws(FileFault) {
                    try store.staging.rename(temporary, to: parent, as: last, mode: .noReplace)
                } catch {
                    guard error.kind == .exists else { throw error }
                    try store.staging.rename(temporary, to: parent, as: last, mode: .exchange)
                    try store.staging.removeTree(temporary)
                }
                try parent.sync()
            }
        }
    }

    public func withdraw(_ name: ArtifactName) async throws(StorageFault) {
        try await pool.run { () throws(StorageFault) in
            do throws(FileFault) {
                let (parent, last) = try parent(of: name, making: false)
                let temporary = Self.temporaryName(name)
                try? store.staging.removeTree(temporary)
                try parent.rename(last, to: store.staging, as: temporary, mode: .noReplace)
                try parent.sync()
                try store.staging.removeTree(temporary)
                removeEmptyParents(of: name)
            } catch {
                guard error.kind == .notFound else { throw StorageFault(error) }
            }
        }
    }

    /// A few stat(2) calls: quick enough to be done where it is asked for.
    public func shows(_ name: ArtifactName, files: [ViewedFile]) async throws(StorageFault) -> Bool {
        do throws(FileFault) {
            for file in files {
                let shown = try store.trusted.identity(of: "\(name)/\(file.path)")
                let blob = try folders[file.digest].directory.identity(of: file.digest.hex)
                guard shown.kind == .regular, shown.isSameFile(as: blob) else { return false }
            }
            return true
        } catch {
            switch error.kind {
            case .notFound, .notDirectory, .escapes, .notRegular, .isDirectory: return false
            default: throw StorageFault(error)
            }
        }
    }

    public func names(limit: Int) async throws(StorageFault) -> [ArtifactName] {
        try await pool.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in try namesNow(limit: limit) }
        }
    }

    /// A folder that holds a file is an artifact's; one that holds only folders may be a part of a name.
    private func namesNow(limit: Int) throws(FileFault) -> [ArtifactName] {
        var names: [ArtifactName] = []
        var folders = [""]
        while let prefix = folders.popLast(), names.count < limit {
            let folder = prefix.isEmpty ? store.trusted : try store.trusted.subdirectory(String(prefix.dropLast()))
            let entries = try folder.entries(entriesMax: 1_000_000)
            if !prefix.isEmpty, entries.isEmpty || entries.contains(where: { $0.kind != .directory }) {
                if let name = try? ArtifactName(parsing: String(prefix.dropLast())) { names.append(name) }
                continue
            }
            for entry in entries {
                guard let name = entry.name else { continue }
                folders.append(prefix + name + "/")
            }
        }
        return names
    }

    private func link(_ file: ViewedFile, in view: Directory) throws(FileFault) {
        var folder = view
        for component in file.path.components.dropLast() {
            folder = try folder.subdirectory(making: String(component), permissions: Self.folderPermissions)
        }
        try folders[file.digest].directory.link(file.digest.hex, in: folder, as: file.path.lastComponent)
    }

    private func parent(
        of name: ArtifactName, making: Bool
    ) throws(FileFault) -> (directory: Directory, last: String) {
        var folder = store.trusted
        for part in name.parts.dropLast() {
            folder =
                making
                ? try folder.subdirectory(making: String(part), permissions: Self.folderPermissions)
                : try folder.subdirectory(String(part))
        }
        return (folder, String(name.parts.last ?? ""))
    }

    /// Folders of names are removed while they are empty; a publish that comes between makes its own again.
    private func removeEmptyParents(of name: ArtifactName) {
        var parts = name.parts.dropLast().map(String.init)
        while let last = parts.popLast() {
            let prefix = parts.joined(separator: "/")
            guard let folder = prefix.isEmpty ? store.trusted : try? store.trusted.subdirectory(prefix),
                (try? folder.removeDirectory(last)) != nil
            else { return }
        }
    }

    /// One artifact's views follow one another; two artifacts' never share a name in staging.
    private static func temporaryName(_ name: ArtifactName) -> String {
        "view-" + name.description.map { $0 == "/" ? "+" : String($0) }.joined()
    }
}
