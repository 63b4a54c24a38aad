import FileTestSupport
import Foundation
import Glibc
import RegistryPorts

/// A file on disk with these bytes, gone with the last reference.
final class ScratchFile: LocalFile {
    let sizeBytes: UInt64
    private let directory: ScratchDirectory
    private let number: Int32

    init(_ bytes: [UInt8]) throws {
        directory = try ScratchDirectory()
        sizeBytes = UInt64(bytes.count)
        let path = "\(directory.path)/file"
        try Data(bytes).write(to: URL(fileURLWithPath: path))
        number = open(path, O_RDONLY | O_CLOEXEC)
        guard number >= 0 else { throw CocoaError(.fileReadUnknown) }
    }

    convenience init(_ text: String) throws {
        try self.init(Array(text.utf8))
    }

    deinit { close(number) }

    func withDescriptor<T>(_ body: (Int32) throws -> T) rethrows -> T { try body(number) }
}
