import LinuxFiles
import OCI
public import RegistryCore
public import RegistryPorts

/// The view of what is trusted as hard links to blobs: no bytes are copied, and a link that is gone is gone at once.
///
/// A view is built in staging, moved into its place by one rename and taken away by one rename. `ViewFolder` says how a
/// view is told from a folder of names.
public struct FilesystemViews: TrustedViews {
    /// Views of as many files are compared where it is asked for; larger ones on a thread that may wait.
    private static let filesAtOnceMax = 4

    /// Every file system gives a file more names than this.
    private static let linksUnquestionedMax: UInt64 = 100

    private let store: FilesystemStore
    private let linksMax: UInt64
    /// One thread: what makes and removes the folders of names must not meet itself.
    private let changes = BlockingPool(threadsMax: 1, waitingMax: 4_096)
    private let looks = BlockingPool(threadsMax: 2, waitingMax: 4_096)

    /// - Parameter linksMax: names that a file may have, its own included, where the file system would give it more.
    public init(_ store: FilesystemStore, linksMax: UInt64 = .max) throws(StorageFault) {
        self.store = store
        self.linksMax = linksMax
    }

    public func path(of name: ArtifactName, file: RelativePath?) -> String {
        let folder = "\(store.path)/trusted/\(name)"
        return file.map { "\(folder)/\($0)" } ?? folder
    }

    public func publish(_ name: ArtifactName, files: [ViewedFile]) async throws(StorageFault) {
        try await changes.run { () throws(StorageFault) in
            if try showsNow(name, files) { return }
            do throws(FileFault) {
                try publishNow(name, files)
            } catch {
                switch error.kind {
                // A file where a folder of the name should be, or somebody else's folder where the view should be.
                case .notDirectory, .escapes, .exists: throw .changed
                default: throw StorageFault(error)
                }
            }
        }
    }

    private func publishNow(_ name: ArtifactName, _ files: [ViewedFile]) throws(FileFault) {
        let staging = store.staging.directory
        let temporary = try store.staging.newName("view")
        defer { try? staging.removeTree(temporary) }
        let view = try ViewFolder.build(temporary, in: staging, files: files) { file, folder throws(FileFault) in
            try link(file.digest, in: folder, as: file.path.lastComponent)
        }
        let (parent, last) = try parent(making: name)
        do throws(FileFault) {
            try staging.rename(temporary, to: parent, as: last, mode: .noReplace)
        } catch {
            guard error.kind == .exists, try ViewFolder.canBeReplaced(last, in: parent) else { throw error }
            try ViewFolder.close(last, in: parent)
            try staging.rename(temporary, to: parent, as: last, mode: .exchange)
        }
        try ViewFolder.open(view)
        try parent.sync()
    }

    private func link(_ blob: Digest, in folder: Directory, as name: String) throws(FileFault) {
        if linksMax < .max, let links = try store.folders.identity(of: blob)?.links, links >= linksMax {
            throw FileFault(.link, .tooManyLinks)
        }
        let blobs = try store.folders.folder(of: blob).directory
        // The start after a power cut puts blobs right, and not their other names.
        if store.journal.answers(for: blob) { try blobs.openFile(blob.hex).sync() }
        try blobs.link(blob.hex, in: folder, as: name)
    }

    public func requireNames(for files: [ViewedFile]) async throws(StorageFault) {
        let paths = Dictionary(grouping: files, by: \.digest).mapValues { UInt64($0.count) }
        try await changes.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in
                for (blob, count) in paths { try requireNames(count, for: blob) }
            }
        }
    }

    /// No file system says truly how many names it gives a file, so one that has many gets them for a moment.
    private func requireNames(_ count: UInt64, for blob: Digest) throws(FileFault) {
        guard let links = try store.folders.identity(of: blob)?.links,
            links + count > min(Self.linksUnquestionedMax, linksMax)
        else { return }
        let staging = store.staging.directory
        let folder = try store.staging.newName("names")
        defer { try? staging.removeTree(folder) }
        let names = try staging.makeDirectory(folder, permissions: 0o700)
        for number in 0..<count { try link(blob, in: names, as: String(number)) }
    }

    public func withdraw(_ name: ArtifactName) async throws(StorageFault) {
        try await changes.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in try withdrawNow(name) }
        }
    }

    /// Returns only when nothing has this name in the tree, or when what has it is a folder of other names.
    private func withdrawNow(_ name: ArtifactName) throws(FileFault) {
        guard let (parent, last) = try existingParent(of: name), try exists(last, in: parent) else { return }
        if try ViewFolder.holdsNames(last, in: parent), try ViewFolder.holdsViews(parent.subdirectory(last)) { return }
        let temporary = try store.staging.newName("withdrawn")
        try ViewFolder.unlock(parent)
        try ViewFolder.close(last, in: parent)
        try parent.rename(last, to: store.staging.directory, as: temporary, mode: .noReplace)
        try parent.sync()
        try store.staging.directory.removeTree(temporary)
        removeEmptyParents(of: name)
    }

    /// The folder that a view lies in, if there is one.
    ///
    /// - Returns: `nil` when a part of the name before the last is not there, is a view itself, or is no folder: then
    ///   nothing can be reached by the name.
    /// - Throws: `.escapes` for a link, by which something might be reached that is not ours to remove.
    private func existingParent(of name: ArtifactName) throws(FileFault) -> (directory: Directory, last: String)? {
        var folder = store.trusted
        for part in name.parts.dropLast().map(String.init) {
            guard try exists(part, in: folder) else { return nil }
            switch try folder.identity(of: part).kind {
            case .directory: break
            case .symbolicLink: throw FileFault(.open, .escapes)
            case .regular, .other: return nil
            }
            guard try ViewFolder.holdsNames(part, in: folder) else { return nil }
            folder = try folder.subdirectory(part)
        }
        return (folder, String(name.parts.last ?? ""))
    }

    private func exists(_ name: String, in folder: Directory) throws(FileFault) -> Bool {
        do throws(FileFault) {
            _ = try folder.identity(of: name)
            return true
        } catch {
            guard error.kind == .notFound else { throw error }
            return false
        }
    }

    public func shows(_ name: ArtifactName, files: [ViewedFile]) async throws(StorageFault) -> Bool {
        guard files.count > Self.filesAtOnceMax else { return try showsNow(name, files) }
        return try await looks.run { () throws(StorageFault) in try showsNow(name, files) }
    }

    private func showsNow(_ name: ArtifactName, _ files: [ViewedFile]) throws(StorageFault) -> Bool {
        do throws(FileFault) {
            let view = try store.trusted.subdirectory(name.description)
            return try ViewFolder.shows(view, files: files, blobs: store.folders)
        } catch {
            switch error.kind {
            case .notFound, .notDirectory, .escapes, .limitExceeded: return false
            default: throw StorageFault(error)
            }
        }
    }

    public func names(limit: Int) async throws(StorageFault) -> [ArtifactName] {
        try await looks.run { () throws(StorageFault) in
            try storing { () throws(FileFault) in try namesNow(limit: limit) }
        }
    }

    private func namesNow(limit: Int) throws(FileFault) -> [ArtifactName] {
        var names: [ArtifactName] = []
        var prefixes = [""]
        while let prefix = prefixes.popLast(), names.count < limit {
            let folder = prefix.isEmpty ? store.trusted : try store.trusted.subdirectory(String(prefix.dropLast()))
            for entry in try folder.entries(entriesMax: 1_000_000) {
                guard let last = entry.name, let name = try? ArtifactName(parsing: prefix + last) else { continue }
                if try ViewFolder.holdsNames(last, in: folder) {
                    prefixes.append(prefix + last + "/")
                } else if names.count < limit {
                    names.append(name)
                }
            }
        }
        return names
    }

    /// The folder of names that a view will lie in.
    ///
    /// - Throws: `.exists` when a part of the name before the last is a view itself.
    private func parent(making name: ArtifactName) throws(FileFault) -> (directory: Directory, last: String) {
        var folder = store.trusted
        for part in name.parts.dropLast().map(String.init) {
            try ViewFolder.unlock(folder)
            let inner = try folder.subdirectory(making: part, permissions: ViewFolder.namesPermissions)
            guard try ViewFolder.mayHoldNames(inner) else { throw FileFault(.create, .exists) }
            folder = inner
        }
        try ViewFolder.unlock(folder)
        return (folder, String(name.parts.last ?? ""))
    }

    private func removeEmptyParents(of name: ArtifactName) {
        var parts = name.parts.dropLast().map(String.init)
        while let last = parts.popLast() {
            let prefix = parts.joined(separator: "/")
            guard let folder = prefix.isEmpty ? store.trusted : try? store.trusted.subdirectory(prefix),
                (try? folder.removeDirectory(last)) != nil
            else { return }
        }
    }
}
