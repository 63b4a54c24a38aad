import LinuxFiles
import OCI
import RegistryCore
import RegistryPorts

/// The folder of one view, and how it differs from the folders of names above it.
///
/// `trusted/a/b/c` may be the view `a/b` with a file `c`, or one with the name `a/b/c`. The sticky bit tells, which
/// means nothing where nobody but the owner may write: a view and all folders in it are `r-xr-xr-t`, and `rwx-----T`
/// while it is being put up or taken down; a folder of names never has the bit, whatever else an operator did to it.
/// Who changes the bit of a view makes the next start put it up again.
enum ViewFolder {
    static let namesPermissions: UInt32 = 0o755
    fileprivate static let viewBit: UInt32 = 0o1000
    private static let shownPermissions: UInt32 = viewBit | 0o555
    private static let movingPermissions: UInt32 = viewBit | 0o700
    private static let entriesMax = 1_000_000

    /// Builds a view that nobody else can look into yet.
    ///
    /// - Parameter link: gives a file its name in a folder of the view.
    static func build(
        _ name: String, in staging: Directory, files: [ViewedFile],
        link: (ViewedFile, Directory) throws(FileFault) -> Void
    ) throws(FileFault) -> Directory {
        let view = try staging.makeDirectory(name, permissions: movingPermissions)
        var folders: [String: Directory] = ["": view]
        for file in files {
            var folder = view
            var path = ""
            for component in file.path.components.dropLast() {
                path += "/" + component
                if let known = folders[path] {
                    folder = known
                } else {
                    folder = try folder.makeDirectory(String(component), permissions: movingPermissions)
                    folders[path] = folder
                }
            }
            try link(file, folder)
        }
        for (path, folder) in folders where !path.isEmpty { try folder.setPermissions(shownPermissions) }
        return view
    }

    /// Lets everybody look into a view that is in its place.
    static func open(_ view: Directory) throws(FileFault) {
        try view.setPermissions(shownPermissions)
    }

    /// Makes it possible to move what `name` is, if it is a folder: to move one, its owner must be able to write it.
    static func close(_ name: String, in folder: Directory) throws(FileFault) {
        guard try folder.identity(of: name).kind == .directory else { return }
        try folder.subdirectory(name).setPermissions(movingPermissions)
    }

    /// Makes it possible to add names to a folder of names and to take some away, if an operator forbade it.
    static func unlock(_ folder: Directory) throws(FileFault) {
        guard try folder.identity().permissions & 0o300 != 0o300 else { return }
        try folder.setPermissions(namesPermissions)
    }

    /// Whether `name` is a folder of names and no view.
    static func holdsNames(_ name: String, in folder: Directory) throws(FileFault) -> Bool {
        let identity = try folder.identity(of: name)
        return identity.kind == .directory && !identity.isView
    }

    /// Whether names may be put into `folder`.
    static func mayHoldNames(_ folder: Directory) throws(FileFault) -> Bool {
        try !folder.identity().isView
    }

    /// Whether a view may take the place of `name`: of another view or of an empty folder, not of a folder of names and
    /// not of something that is no folder.
    static func canBeReplaced(_ name: String, in folder: Directory) throws(FileFault) -> Bool {
        guard try folder.identity(of: name).kind == .directory else { return false }
        if try !holdsNames(name, in: folder) { return true }
        return try folder.subdirectory(name).entries(entriesMax: entriesMax).isEmpty
    }

    /// Whether there is a view anywhere beneath a folder of names.
    static func holdsViews(_ folder: Directory) throws(FileFault) -> Bool {
        var folders = [folder]
        // No name has more parts, and what lies deeper is nobody's view.
        var left = entriesMax
        while let next = folders.popLast(), left > 0 {
            for entry in try next.entries(entriesMax: left) {
                left -= 1
                guard let name = entry.name, try next.identity(of: name).kind == .directory else { continue }
                guard try holdsNames(name, in: next) else { return true }
                folders.append(try next.subdirectory(name))
            }
        }
        return false
    }

    /// Whether a view has these files, each the blob itself, and nothing else.
    ///
    /// - Throws: `.limitExceeded` when a folder has more names than it should.
    static func shows(_ view: Directory, files: [ViewedFile], blobs: BlobFolders) throws(FileFault) -> Bool {
        guard try view.identity().permissions == shownPermissions else { return false }
        var entries: [String: Int] = [:]
        var folders: Set<String> = [""]
        for file in files {
            var path = ""
            for component in file.path.components.dropLast() {
                let inner = path.isEmpty ? String(component) : "\(path)/\(component)"
                if folders.insert(inner).inserted { entries[path, default: 0] += 1 }
                path = inner
            }
            entries[path, default: 0] += 1
            let shown = try view.identity(of: file.path.description)
            guard shown.kind == .regular, let blob = try blobs.identity(of: file.digest), shown.isSameFile(as: blob)
            else { return false }
        }
        for (path, count) in entries {
            let folder = path.isEmpty ? view : try view.subdirectory(path)
            guard try folder.entries(entriesMax: count).count == count else { return false }
        }
        return true
    }
}

extension FileIdentity {
    fileprivate var isView: Bool { permissions & ViewFolder.viewBit != 0 }
}
