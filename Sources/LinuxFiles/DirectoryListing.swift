import CLinux
import Glibc

/// One name in a directory.
public struct DirectoryEntry: Sendable, Hashable {
    /// The name, or nil when its bytes are not UTF-8.
    public let name: String?
    /// The kind as the directory records it; nil where the file system leaves that to stat.
    public let kind: FileKind?
    /// The name as it is stored, without a terminating NUL.
    public let nameBytes: [UInt8]
}

extension Directory {
    /// The names in this directory but `.` and `..`, in no order.
    ///
    /// - Throws: `.limitExceeded` at the first name beyond `entriesMax`.
    public func entries(entriesMax: Int) throws(FileFault) -> [DirectoryEntry] {
        // A fresh open file: a duplicate would share the position in the directory with everybody else's.
        let fresh = try open(".", flags: O_RDONLY | clinux_open_directory, operation: .list)
        let number = try fresh.duplicateNumber()
        guard let stream = fdopendir(number) else {
            let code = errno
            close(number)
            throw FileFault(.list, code: code)
        }
        defer { closedir(stream) }
        var entries: [DirectoryEntry] = []
        while true {
            errno = 0
            guard let record = readdir(stream) else {
                let code = errno
                guard code == 0 else { throw FileFault(.list, code: code) }
                return entries
            }
            let entry = DirectoryEntry(record)
            if entry.nameBytes == [0x2E] || entry.nameBytes == [0x2E, 0x2E] { continue }
            guard entries.count < entriesMax else { throw FileFault(.list, .limitExceeded) }
            entries.append(entry)
        }
    }
}

extension DirectoryEntry {
    fileprivate init(_ record: UnsafeMutablePointer<dirent>) {
        let bytes = withUnsafePointer(to: &record.pointee.d_name) { pointer in
            let room = UnsafeRawBufferPointer(start: pointer, count: MemoryLayout.size(ofValue: pointer.pointee))
            return [UInt8](room.prefix { $0 != 0 })
        }
        nameBytes = bytes
        name = String(validating: bytes, as: UTF8.self)
        kind =
            switch Int32(record.pointee.d_type) {
            case Int32(DT_REG): .regular
            case Int32(DT_DIR): .directory
            case Int32(DT_LNK): .symbolicLink
            case Int32(DT_UNKNOWN): nil
            default: .other
            }
    }
}
