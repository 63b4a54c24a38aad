import CLinux
import Glibc

/// What a rename does with a name that is already there.
public enum RenameMode: Sendable, Hashable {
    /// Replaces it in one step.
    case replace
    /// Fails with `.exists`.
    case noReplace
    /// The two names change places in one step.
    case exchange
}

/// Changes of names. None is durable before the directories that it touches are synced.
extension Directory {
    /// Gives the nameless `file` (`temporaryFile`) its name.
    ///
    /// - Throws: `.exists` when the name is taken; nothing is ever replaced.
    public func link(_ file: FileDescriptor, as name: String) throws(FileFault) {
        try EntryName.check(name, .link)
        let result = file.withNumber { file in
            with(name) { directory, name in clinux_link_descriptor(file, directory, name) }
        }
        try SystemCall.check(.link, result)
    }

    /// Gives the file `name` of this directory a second name in `target`.
    public func link(_ name: String, in target: Directory, as newName: String) throws(FileFault) {
        try EntryName.check(name, .link)
        try EntryName.check(newName, .link)
        let result = with(name) { here, name in
            target.with(newName) { there, newName in SystemCall.result { linkat(here, name, there, newName, 0) } }
        }
        try SystemCall.check(.link, result)
    }

    /// Moves `name` of this directory to `target`, within one file system.
    public func rename(
        _ name: String, to target: Directory, as newName: String, mode: RenameMode = .replace
    ) throws(FileFault) {
        try EntryName.check(name, .rename)
        try EntryName.check(newName, .rename)
        let kernelMode =
            switch mode {
            case .replace: CLINUX_RENAME_REPLACE
            case .noReplace: CLINUX_RENAME_NO_REPLACE
            case .exchange: CLINUX_RENAME_EXCHANGE
            }
        let result = with(name) { here, name in
            target.with(newName) { there, newName in clinux_rename(here, name, there, newName, kernelMode) }
        }
        try SystemCall.check(.rename, result)
    }

    /// Removes the name of a file, link, device or socket. The bytes go with the last name and descriptor.
    public func removeFile(_ name: String) throws(FileFault) {
        try remove(name, flags: 0)
    }

    /// Removes an empty directory.
    public func removeDirectory(_ name: String) throws(FileFault) {
        try remove(name, flags: Int32(AT_REMOVEDIR))
    }

    private func remove(_ name: String, flags: Int32) throws(FileFault) {
        try EntryName.check(name, .remove)
        try SystemCall.check(
            .remove, with(name) { number, name in SystemCall.result { unlinkat(number, name, flags) } })
    }
}
