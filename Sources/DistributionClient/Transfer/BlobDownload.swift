public import LinuxFiles
internal import NIOCore
public import OCI
internal import RegistryClient
internal import Synchronization

/// Fetches a blob into a file: parts of it side by side, what an earlier attempt fetched not again, and under its name
/// only once every byte of it is hashed and on disk.
///
/// Beside the file lie, until it is whole, `.pratique-….partial` and `.pratique-….parts`, a byte for each part that is
/// there. They are believed as far as saves work: if the whole is wrong in the end, it is fetched again from the start.
public struct BlobDownload: Sendable {
    /// Bytes of a part, which is what a break costs at most.
    static let partBytes: UInt64 = 16 << 20
    /// Parts that are fetched at a time.
    static let width = 4
    /// Bytes that are gathered before they are written.
    private static let writeBytes = 1 << 20
    /// Breaks in a row after which a transfer is given up.
    static let breaksMax = 5

    let blob: Descriptor
    let repository: RemoteRepository
    let folder: Directory
    let name: String
    let progress: @Sendable (UInt64) -> Void

    public init(
        _ blob: Descriptor, of repository: RemoteRepository, into folder: Directory, as name: String,
        progress: @escaping @Sendable (UInt64) -> Void = { _ in }
    ) {
        self.blob = blob
        self.repository = repository
        self.folder = folder
        self.name = name
        self.progress = progress
    }

    /// How names of files in the making begin; nothing that is fetched may be called so.
    public static let workPrefix = ".pratique-"
    /// Largest blob that is moved, 16 TiB: sizes come from manifests, and sums of them must not overflow.
    public static let bytesMax: UInt64 = 1 << 44

    /// Returns when the file is there under its name.
    ///
    /// - Parameter replacing: a file that has the name; without, it is an error that something has it.
    public func run(replacing: Bool = false) async throws {
        guard blob.size <= Self.bytesMax else { throw DistributionFault.tooLarge(blob) }
        // Equal files may lie side by side, so that the digest alone is no name; and a name may be too long for more.
        let work = try Digest(of: Array("\(blob.digest) \(name)".utf8)).hex.prefix(32)
        let names = WorkingNames(prefix: Self.workPrefix + work)
        let lock: DirectoryLock
        do throws(DirectoryLock.Refusal) {
            lock = try DirectoryLock.acquire(names.lock, in: folder)
            // Whoever held it before removed its name in the end, perhaps after we had found it.
            guard lock.isNamed(names.lock, in: folder) else { throw DirectoryLock.Refusal.held(process: nil) }
        } catch {
            switch error {
            case .held: throw DistributionFault.file(FileFault(.lock, .busy), path: name)
            case .fault(let fault): throw DistributionFault.file(fault, path: name)
            }
        }
        defer {
            try? folder.removeFile(names.lock)
            lock.release()
        }
        do {
            let first = try await attempt(names, replacing)
            guard !first.isRight else { return }
            // What was believed of an earlier attempt may be what is wrong.
            guard first.hadParts, try await attempt(names, replacing).isRight else {
                throw DistributionFault.wrongBytes(blob.digest)
            }
        } catch let fault as FileFault {
            throw DistributionFault.file(fault, path: name)
        }
    }

    /// - Returns: whether the bytes are right; if not, nothing of them is left.
    private func attempt(
        _ names: WorkingNames, _ replacing: Bool
    ) async throws -> (isRight: Bool, hadParts: Bool) {
        let file = try PartialFile(blob, in: folder, names)
        let hadParts = file.hasParts
        try await fetch(into: file)
        guard try await file.digest() == blob.digest else {
            try file.drop()
            return (false, hadParts)
        }
        try await TransferThreads.pool.run { () throws(FileFault) in
            try file.finish(as: name, replacing: replacing)
        }
        return (true, hadParts)
    }

    private func fetch(into file: PartialFile) async throws {
        let counter = TransferCounter(file.bytesThere, progress)
        counter.report()
        guard let first = file.takeMissing() else { return }
        // The first part also tells whether the registry gives parts at all.
        guard try await fetch(first, into: file, counter) else { return }
        file.beginParts()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await file.hashAsTheyCome() }
            for _ in 0..<Self.width {
                group.addTask {
                    while let part = file.takeMissing() { _ = try await fetch(part, into: file, counter) }
                }
            }
            // The first failure has to end the hasher, which otherwise waits for parts that will not come.
            do { while try await group.next() != nil {} } catch {
                file.stop()
                group.cancelAll()
                throw error
            }
        }
    }

    /// - Returns: `false` when the registry gave the whole blob, and it is there now.
    private func fetch(_ part: Range<UInt64>, into file: PartialFile, _ counter: TransferCounter) async throws -> Bool {
        var offset = part.lowerBound
        var breaks = 0
        while true {
            let before = offset
            do throws(DistributionFault) {
                let answer = try await repository.open(blob, from: offset, to: part.upperBound)
                if answer.isWhole, offset > 0 || part.upperBound < blob.size {
                    try await copyWhole(answer, into: file, counter)
                    return false
                }
                try await copy(answer, &offset, to: part.upperBound, into: file, counter)
                file.isThere(part)
                return true
            } catch {
                breaks = offset > before ? 1 : breaks + 1
                // It gave the manifest that names the blob.
                let fault = error.afterContact
                guard fault.isBreak, breaks <= Self.breaksMax else { throw fault }
                try await repository.pause(breaks)
            }
        }
    }

    private func copy(
        _ answer: BlobAnswer, _ offset: inout UInt64, to end: UInt64, into file: PartialFile,
        _ counter: TransferCounter
    ) async throws(DistributionFault) {
        var body = answer.body.makeAsyncIterator()
        var isAtEnd = false
        while !isAtEnd {
            // Several pieces at a time: a write costs a change of thread.
            var (pieces, count): ([ByteBuffer], Int) = ([], 0)
            while count < Self.writeBytes {
                guard let piece = try await body.next() else {
                    isAtEnd = true
                    break
                }
                pieces.append(piece)
                count += piece.readableBytes
            }
            guard UInt64(count) <= end - offset else { throw .wrongSize(blob.digest, expected: blob.size) }
            try await file.write(pieces, at: offset)
            offset += UInt64(count)
            counter.add(count)
        }
        // A connection that was closed in good order, and too early.
        guard offset == end else { throw .transport(.interrupted) }
    }

    /// From a registry that answers ranges with everything.
    private func copyWhole(
        _ answer: BlobAnswer, into file: PartialFile, _ counter: TransferCounter
    ) async throws(DistributionFault) {
        guard file.beginWhole() else { throw .transport(.malformedAnswer(problem: "ranges now and then")) }
        counter.restart()
        var offset: UInt64 = 0
        try await copy(answer, &offset, to: blob.size, into: file, counter)
        file.isThere(0..<blob.size)
    }
}

/// What files in the making are called.
struct WorkingNames: Sendable {
    let prefix: String
    var partial: String { prefix + ".partial" }
    var parts: String { prefix + ".parts" }
    var lock: String { prefix + ".lock" }
}

/// Bytes of a transfer that are there, from several tasks.
private final class TransferCounter: Sendable {
    private let bytes: Mutex<UInt64>
    private let progress: @Sendable (UInt64) -> Void

    init(_ bytes: UInt64, _ progress: @escaping @Sendable (UInt64) -> Void) {
        self.bytes = Mutex(bytes)
        self.progress = progress
    }

    func add(_ count: Int) {
        progress(
            bytes.withLock {
                $0 += UInt64(count)
                return $0
            })
    }

    func restart() { bytes.withLock { $0 = 0 } }
    func report() { progress(bytes.withLock { $0 }) }
}
