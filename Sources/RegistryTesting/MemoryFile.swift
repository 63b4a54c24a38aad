import Glibc
public import OCI
public import RegistryPorts
import Synchronization

/// A file whose bytes are in memory. Whoever wants a descriptor gets one of a temporary file without a name.
public final class MemoryFile: StagedBlob, Sendable {
    public let bytes: [UInt8]
    public let digestWhileReceiving: Digest?

    public init(_ bytes: [UInt8], digestWhileReceiving: Digest? = nil) {
        self.bytes = bytes
        self.digestWhileReceiving = digestWhileReceiving
    }

    public var sizeBytes: UInt64 { UInt64(bytes.count) }

    public func withDescriptor<T>(_ body: (Int32) throws -> T) rethrows -> T {
        try Self.lend(bytes, body)
    }

    /// Lends −1 when the system gives no temporary file; reading that fails as a broken disk does.
    static func lend<T>(_ bytes: [UInt8], _ body: (Int32) throws -> T) rethrows -> T {
        guard let stream = tmpfile() else { return try body(-1) }
        defer { fclose(stream) }
        let number = fileno(stream)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(number, $0.baseAddress, $0.count) }
            guard count > 0 else { break }
            written += count
        }
        return try body(number)
    }
}

/// A blob of the memory store, opened.
final class OpenedMemoryFile: OpenedBlob {
    let bytes: [UInt8]
    let identity: BlobIdentity

    init(bytes: [UInt8], identity: BlobIdentity) {
        self.bytes = bytes
        self.identity = identity
    }

    var sizeBytes: UInt64 { UInt64(bytes.count) }

    func withDescriptor<T>(_ body: (Int32) throws -> T) rethrows -> T {
        try MemoryFile.lend(bytes, body)
    }

    func read(_ range: Range<UInt64>) throws(StorageFault) -> [UInt8] {
        guard range.upperBound <= sizeBytes else { throw .changed }
        return Array(bytes[Int(range.lowerBound)..<Int(range.upperBound)])
    }
}

extension LocalFile {
    /// All bytes, read through the descriptor as an adapter would.
    func readAll() throws(StorageFault) -> [UInt8] {
        if let memory = self as? MemoryFile { return memory.bytes }
        if let memory = self as? OpenedMemoryFile { return memory.bytes }
        guard let size = Int(exactly: sizeBytes) else { throw .corrupted(reason: "the file is larger than memory") }
        let bytes = withDescriptor { number in
            [UInt8](unsafeUninitializedCapacity: size) { buffer, initialized in
                while initialized < size, let base = buffer.baseAddress {
                    let count = pread(number, base + initialized, size - initialized, off_t(initialized))
                    guard count > 0 else { break }
                    initialized += count
                }
            }
        }
        guard bytes.count == size else { throw .changed }
        return bytes
    }
}

extension BlobStore {
    /// Takes bytes in as those of a file.
    public func stage(_ bytes: [UInt8]) async throws(StorageFault) -> any StagedBlob {
        try await stage(MemoryFile(bytes))
    }
}
