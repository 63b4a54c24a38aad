package import LinuxFiles
package import OCI
import RegistryPorts
import Synchronization

/// A file that is open for reading: a blob, or a source that is being taken in.
final class OpenFile: OpenedBlob {
    let descriptor: FileDescriptor
    let fileIdentity: FileIdentity

    convenience init(_ descriptor: FileDescriptor) throws(FileFault) {
        self.init(descriptor, try descriptor.identity())
    }

    init(_ descriptor: FileDescriptor, _ identity: FileIdentity) {
        self.descriptor = descriptor
        fileIdentity = identity
    }

    var identity: BlobIdentity { BlobIdentity(fileIdentity) }
    var sizeBytes: UInt64 { UInt64(clamping: fileIdentity.size) }

    func withDescriptor<T>(_ body: (Int32) throws -> T) rethrows -> T {
        try descriptor.withNumber(body)
    }

    func read(_ range: Range<UInt64>) throws(StorageFault) -> [UInt8] {
        try storing { () throws(FileFault) in
            guard let start = Int64(exactly: range.lowerBound), let end = Int64(exactly: range.upperBound) else {
                throw FileFault(.read, .limitExceeded)
            }
            return try descriptor.read(start..<end)
        }
    }
}

/// Bytes of ours without a name in the store. What is lent of them can be read and not written.
final class StagedBytes: StagedBlob {
    let file: StagedFile
    /// The same file, open for reading alone: it goes to processes that we do not trust.
    let reader: FileDescriptor
    let sizeBytes: UInt64
    let digestWhileReceiving: Digest?
    /// Its bytes were never read or written here: they are another file's blocks, and none of them are in memory.
    let isCold: Bool
    /// Of the upload that it was.
    private let note: EndedUpload?

    init(
        _ file: StagedFile, digest: Digest?, isCold: Bool = false, note: EndedUpload? = nil
    ) throws(FileFault) {
        self.file = file
        self.isCold = isCold
        self.note = note
        reader = try file.descriptor.reopenedForReading()
        sizeBytes = UInt64(clamping: try reader.identity().size)
        digestWhileReceiving = digest
    }

    func withDescriptor<T>(_ body: (Int32) throws -> T) rethrows -> T {
        try reader.withNumber(body)
    }
}

/// Where files and views are built before they get their place, on the file system that they will stay on.
final class StagingFolder: Sendable {
    let directory: Directory
    /// Names that were there when this process took the directory over, and so are nobody's any more.
    private let leftovers: Mutex<[String]>
    private let counter = Atomic<UInt64>(0)

    private static let entriesMax = 1_000_000

    /// - Parameter takeBack: gets these names before anybody else does.
    init(
        _ directory: Directory, takeBack: (_ leftovers: [String]) throws(FileFault) -> Void = { _ in }
    ) throws(FileFault) {
        self.directory = directory
        let names = try directory.entries(entriesMax: Self.entriesMax).compactMap(\.name)
        try takeBack(names)
        leftovers = Mutex(names)
    }

    /// A name that nothing of this process or of an earlier one has here.
    func newName(_ kind: String) throws(FileFault) -> String {
        for _ in 0..<Self.entriesMax {
            let name = "\(kind)-\(counter.wrappingAdd(1, ordering: .relaxed).newValue)"
            do throws(FileFault) {
                _ = try directory.identity(of: name)
            } catch {
                guard error.kind == .notFound else { throw error }
                return name
            }
        }
        throw FileFault(.create, .exists)
    }

    /// Removes what interrupted work left here; what is being worked on stays.
    ///
    /// - Returns: bytes of the files that went.
    func discardLeftovers() throws(FileFault) -> UInt64 {
        var freed: UInt64 = 0
        while let name = leftovers.withLock({ $0.popLast() }) {
            do throws(FileFault) {
                let identity = try directory.identity(of: name)
                try directory.removeTree(name)
                if identity.kind == .regular, identity.links == 1 { freed &+= UInt64(clamping: identity.size) }
            } catch {
                guard error.kind == .notFound else { throw error }
            }
        }
        return freed
    }
}

extension BlobIdentity {
    init(_ identity: FileIdentity) {
        self.init(
            device: identity.device, inode: identity.inode, sizeBytes: UInt64(clamping: identity.size),
            modifiedNanoseconds: identity.modified.total, changedNanoseconds: identity.changed.total,
            links: identity.links)
    }
}

extension FileTime {
    /// Nanoseconds since 1970; wraps in the year 2262, where only equality matters.
    fileprivate var total: Int64 { seconds &* 1_000_000_000 &+ nanoseconds }
}

extension Digest {
    /// - Throws: never for what the algorithm gives.
    init(stored bytes: [UInt8], _ algorithm: Algorithm = .sha256) throws(StorageFault) {
        do { try self.init(algorithm, bytes: bytes) } catch { throw .corrupted(reason: "not a digest") }
    }

    /// The digest that a file is named after: hexadecimal digits, whose number tells the algorithm.
    package init?(fileName: String) {
        let algorithm = Algorithm.allCases.first { 2 * $0.byteCount == fileName.utf8.count }
        guard let algorithm, let digest = try? Digest(algorithm, hex: fileName) else { return nil }
        self = digest
    }
}

extension HashAlgorithm {
    package init(_ algorithm: Digest.Algorithm) {
        switch algorithm {
        case .sha256: self = .sha256
        case .sha512: self = .sha512
        }
    }
}
