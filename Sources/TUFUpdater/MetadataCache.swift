public import LinuxFiles
public import TUF

/// The files of metadata that updates have trusted, byte for byte, in one directory.
///
/// Each file is verified again whenever it is read, beginning at the anchor that somebody vouches for. Whoever can
/// change the directory can make us refuse, or let us use what we once trusted until it expires; not more.
///
/// | name | content |
/// |---|---|
/// | `root.json`, `timestamp.json`, `snapshot.json`, `targets.json`, `ROLE.json` | the newest of each role |
/// | `roots/N.root.json` | every root since the anchor, so that the way to the newest is known without a repository |
/// | `content/NAME` | targets, percent-encoded |
/// | `last-update` | the time of the last update that came to its end, in seconds since 1970 |
public struct MetadataCache: Sendable {
    private let directory: Directory
    private let rootsDirectory: Directory
    private let contentDirectory: Directory
    private let lock: DirectoryLock
    private let limits: TUFLimits

    private static let lockName = "lock"
    private static let lastUpdateName = "last-update"
    /// Files of a cache. Every one beyond the few of most repositories is of a delegated role.
    private static let entriesMax = 100_000

    /// Where files are read and written: no thread of Swift's own waits for a disk. Caches are small, so one will do.
    private static let pool = BlockingPool(threadsMax: 1, waitingMax: 1_024)

    /// Opens the cache for this process alone.
    public init(opening directory: Directory, limits: TUFLimits = .standard) async throws(UpdateFault) {
        self = try await Self.pool.run { () throws(UpdateFault) in try MetadataCache(directory, limits) }
    }

    private init(_ directory: Directory, _ limits: TUFLimits) throws(UpdateFault) {
        self.directory = directory
        self.limits = limits
        do throws(DirectoryLock.Refusal) {
            lock = try DirectoryLock.acquire(Self.lockName, in: directory)
        } catch {
            switch error {
            case .held(let process): throw .busy(process: process)
            case .fault(let fault): throw .cache(fault)
            }
        }
        do throws(FileFault) {
            rootsDirectory = try directory.subdirectory(making: "roots", permissions: 0o700)
            contentDirectory = try directory.subdirectory(making: "content", permissions: 0o700)
            for directory in [directory, rootsDirectory, contentDirectory] { try Self.removeUnfinished(in: directory) }
        } catch {
            throw .cache(error)
        }
    }

    /// Lets other processes in. Nothing may be read or kept afterwards.
    public func close() {
        lock.release()
    }

    /// - Returns: `nil` if nothing was kept.
    public func metadata(_ role: RoleName) async throws(UpdateFault) -> [UInt8]? {
        try await read(role.fileName, in: directory, bytesMax: limits.bytesMax(role))
    }

    public func root(version: UInt64) async throws(UpdateFault) -> [UInt8]? {
        try await read("\(version).root.json", in: rootsDirectory, bytesMax: limits.rootBytesMax)
    }

    /// Returns when the file is durable.
    public func keep(_ bytes: [UInt8], _ role: RoleName) async throws(UpdateFault) {
        try await write(bytes, role.fileName, in: directory)
    }

    /// Keeps a root under its version, and then as the newest: a stop between the two leaves the older one as the
    /// newest, from which the way to this one is known.
    public func keep(_ bytes: [UInt8], root version: UInt64) async throws(UpdateFault) {
        try await write(bytes, "\(version).root.json", in: rootsDirectory)
        try await keep(bytes, .root)
    }

    /// What was kept of a target. It has to be compared with what is signed now.
    public func content(of target: TargetFile, bytesMax: Int) async throws(UpdateFault) -> [UInt8]? {
        try await read(target.fileName, in: contentDirectory, bytesMax: bytesMax)
    }

    public func keep(_ bytes: [UInt8], contentOf target: TargetFile) async throws(UpdateFault) {
        try await write(bytes, target.fileName, in: contentDirectory)
    }

    /// When the last update came to its end; `nil` if none did.
    public func lastUpdate() async throws(UpdateFault) -> MetadataTime? {
        let text = try await read(Self.lastUpdateName, in: directory, bytesMax: 32)
        return text.flatMap { Int64(String(decoding: $0, as: UTF8.self)) }.map { MetadataTime(clamping: $0) }
    }

    /// Remembers that all metadata was valid at `time`: no later update may believe that it is earlier.
    ///
    /// This time lies before every expiry of what is kept, so a clock that was wrong once does not lock us out for
    /// longer than that.
    public func noteUpdate(at time: MetadataTime) async throws(UpdateFault) {
        try await write(Array(String(time.secondsSince1970).utf8), Self.lastUpdateName, in: directory)
    }

    /// What a process left that ended while it wrote. Nobody else is at work here.
    private static func removeUnfinished(in directory: Directory) throws(FileFault) {
        for entry in try directory.entries(entriesMax: entriesMax) {
            guard let name = entry.name, name.hasPrefix(DurableFile.temporaryPrefix) else { continue }
            try directory.removeFile(name)
        }
    }

    private func read(
        _ name: String, in directory: Directory, bytesMax: Int
    ) async throws(UpdateFault) -> [UInt8]? {
        do throws(FileFault) {
            return try await Self.pool.run { () throws(FileFault) in
                try directory.openFile(name).readAll(bytesMax: bytesMax)
            }
        } catch {
            // What is too large was not written by us. It is as good as not there, and is written anew.
            guard error.kind == .notFound || error.kind == .limitExceeded else { throw .cache(error) }
            return nil
        }
    }

    private func write(_ bytes: [UInt8], _ name: String, in directory: Directory) async throws(UpdateFault) {
        do throws(FileFault) {
            try await Self.pool.run { () throws(FileFault) in
                try DurableFile.replace(name, in: directory, with: bytes, permissions: 0o600)
            }
        } catch {
            throw .cache(error)
        }
    }
}
