import LinuxFiles
import Synchronization

/// Folders of names that were looked through once, so that a folder of a hundred thousand names is not read again for
/// each change in it.
///
/// The permissions are looked at each time; what is remembered is only that nothing but folders lay in it. Whoever put
/// something else there since can write to the tree, and `StrayViews` finds it.
final class NameFolders: Sendable {
    /// About 50 bytes each.
    private static let foldersMax = 65_536

    private struct Folder: Hashable {
        var device: UInt64
        var inode: UInt64
    }

    private let known = Mutex<Set<Folder>>([])

    /// Whether names may be put into `folder`, or are in it.
    func contains(_ folder: Directory) throws(FileFault) -> Bool {
        let identity = try folder.identity()
        guard identity.kind == .directory, identity.isOfNames else { return false }
        let key = Folder(device: identity.device, inode: identity.inode)
        if known.withLock({ $0.contains(key) }) { return true }
        guard try ViewFolder.holdsFoldersOnly(folder) else { return false }
        known.withLock { known in
            if known.count >= Self.foldersMax { known.removeAll() }
            known.insert(key)
        }
        return true
    }

    /// Folders were removed: what is made next may get their inodes.
    func forget() {
        known.withLock { $0.removeAll() }
    }
}
