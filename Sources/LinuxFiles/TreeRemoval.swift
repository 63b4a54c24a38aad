import CLinux
import Glibc

/// How much one removal may take away before it is taken for a mistake.
public struct TreeRemovalLimits: Sendable {
    public var depthMax: Int
    public var entriesMax: Int

    public init(depthMax: Int = 64, entriesMax: Int = 1_000_000) {
        self.depthMax = depthMax
        self.entriesMax = entriesMax
    }
}

extension Directory {
    /// Removes `name` and, if it is a directory, all that is in it. Links are removed, never followed.
    ///
    /// A crash leaves a part of the tree behind, so trees that others look at are renamed away first.
    ///
    /// - Throws: `.notFound`, or `.limitExceeded` after having removed what the limits allow.
    public func removeTree(
        _ name: String, limits: TreeRemovalLimits = TreeRemovalLimits()
    ) throws(FileFault) {
        try EntryName.check(name, .remove)
        var removal = TreeRemoval(entriesLeft: limits.entriesMax, depthMax: limits.depthMax)
        try removal.remove(Array(name.utf8), in: self)
    }
}

/// A walk that keeps its own stack, since outsiders choose the depth of what is removed.
private struct TreeRemoval {
    struct Level {
        let directory: Directory
        /// Name in the level above.
        let name: [UInt8]
        var pending: [[UInt8]]
    }

    var entriesLeft: Int
    let depthMax: Int
    var levels: [Level] = []

    mutating func remove(_ name: [UInt8], in parent: Directory) throws(FileFault) {
        try removeOrDescend(name, in: parent)
        while let top = levels.indices.last {
            if let next = levels[top].pending.popLast() {
                try removeOrDescend(next, in: levels[top].directory)
            } else {
                let done = levels.removeLast()
                let above = levels.last?.directory ?? parent
                try SystemCall.check(.remove, above.unlink(done.name, flags: Int32(AT_REMOVEDIR)))
            }
        }
    }

    private mutating func removeOrDescend(_ name: [UInt8], in directory: Directory) throws(FileFault) {
        let result = directory.unlink(name, flags: 0)
        // Linux answers EISDIR for directories; POSIX and some file systems answer EPERM.
        guard result == -EISDIR || result == -EPERM else {
            if result == -ENOENT && !levels.isEmpty { return }
            try SystemCall.check(.remove, result)
            return
        }
        guard levels.count < depthMax else { throw FileFault(.remove, .limitExceeded) }
        let child: Directory
        do throws(FileFault) {
            child = try directory.open(directoryNamed: name)
        } catch  where error.kind == .notDirectory || error.kind == .escapes {
            throw FileFault(.remove, code: -result)
        }
        // Views are read-only even for their owner. If we may not change that, the removal says so.
        try? child.descriptor.setPermissions(0o700)
        let names = try child.entries(entriesMax: entriesLeft).map(\.nameBytes)
        entriesLeft -= names.count
        levels.append(Level(directory: child, name: name, pending: names))
    }
}

extension Directory {
    fileprivate func unlink(_ name: [UInt8], flags: Int32) -> Int32 {
        with(name) { number, name in SystemCall.result { unlinkat(number, name, flags) } }
    }

    fileprivate func open(directoryNamed name: [UInt8]) throws(FileFault) -> Directory {
        let flags = O_RDONLY | clinux_open_directory
        let result = with(name) { number, name in clinux_open_beneath(number, name, flags, 0) }
        return Directory(FileDescriptor(owning: try SystemCall.check(.remove, result)))
    }

    /// Names that a directory listed need not be UTF-8.
    private func with(_ name: [UInt8], _ call: (Int32, UnsafePointer<CChar>) -> Int32) -> Int32 {
        let text = name.map { CChar(bitPattern: $0) } + [0]
        return descriptor.withNumber { number in
            text.withUnsafeBufferPointer { text in
                text.baseAddress.map { call(number, $0) } ?? -EINVAL
            }
        }
    }
}
