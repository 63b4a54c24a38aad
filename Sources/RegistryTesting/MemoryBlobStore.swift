public import OCI
public import RegistryPorts
import Synchronization
import Testing

/// Blobs in memory, with the inodes, times and links that a file system would show.
///
/// It fails the test when a blob is read after it was removed, when one is removed that a view still shows, and when
/// staged bytes are kept twice.
public final class MemoryBlobStore: BlobStore, Sendable {
    /// What can be made to fail or to wait.
    public enum Step: Sendable, Hashable, CaseIterable {
        case stage, keep, open, identity, verify, list, remove
    }

    struct Blob {
        var bytes: [UInt8]
        var inode: UInt64
        var modified: Int64
        var changed: Int64
        var links: UInt64 = 1
        var isRegular = true
        var receipt: [UInt8]?

        var identity: BlobIdentity {
            BlobIdentity(
                device: 1, inode: inode, sizeBytes: UInt64(bytes.count), modifiedNanoseconds: modified,
                changedNanoseconds: changed, links: links)
        }
    }

    struct State {
        var blobs: [Digest: Blob] = [:]
        var removed: Set<Digest> = []
        var keptStages: [ObjectIdentifier: MemoryFile] = [:]
        var reads: [Digest: Int] = [:]
        var faults: [Step: StorageFault] = [:]
        var capacity: UInt64 = 1 << 40
        var leftoverBytes: UInt64 = 0
        var nextInode: UInt64 = 100
        var ticks: Int64 = 1_000

        func hasRoom(for bytes: [UInt8]) -> Bool {
            blobs.values.reduce(UInt64(bytes.count)) { $0 + UInt64($1.bytes.count) } <= capacity
        }

        /// No two changes happen at the same nanosecond.
        mutating func tick() -> Int64 {
            ticks += 1
            return ticks
        }
    }

    let state = Mutex(State())
    private let visitor = Mutex<(@Sendable (Step, Digest?) async -> Void)?>(nil)

    public init() {}

    /// Runs something of the test's own when a step begins, to let two things meet.
    public func onStep(_ visit: (@Sendable (Step, Digest?) async -> Void)?) {
        visitor.withLock { $0 = visit }
    }

    func begin(_ step: Step, _ digest: Digest? = nil) async throws(StorageFault) {
        let visit = visitor.withLock { $0 }
        await visit?(step, digest)
        if let fault = state.withLock({ $0.faults[step] }) { throw fault }
    }

    public func stage(
        _ source: any LocalFile, progress: (any ProgressSink)?
    ) async throws(StorageFault) -> any StagedBlob {
        try await begin(.stage)
        _ = progress?.advanced(byBytes: Int(clamping: source.sizeBytes))
        return MemoryFile(try source.readAll())
    }

    public func keep(
        _ staged: any StagedBlob, expecting expected: Digest?, hashing ranges: [Range<UInt64>],
        progress: (any ProgressSink)?
    ) async throws(StorageFault) -> KeptBlob {
        let kept = try await keep(try staged.readAll(), as: expected, ranges)
        state.withLock { state in
            guard let file = staged as? MemoryFile,
                state.keptStages.updateValue(file, forKey: ObjectIdentifier(file)) != nil
            else { return }
            Issue.record("Staged bytes were kept twice.")
        }
        return kept
    }

    public func keep(
        _ bytes: [UInt8], as digest: Digest, receipt: [UInt8]?
    ) async throws(StorageFault) -> KeptBlob {
        try await keep(bytes, as: digest, [], receipt)
    }

    public func receipt(of digest: Digest) async throws(StorageFault) -> [UInt8]? {
        state.withLock { $0.blobs[digest]?.receipt }
    }

    private func keep(
        _ bytes: [UInt8], as expected: Digest?, _ ranges: [Range<UInt64>], _ receipt: [UInt8]? = nil
    ) async throws(StorageFault) -> KeptBlob {
        let digest = try Self.digest(bytes[...], expected?.algorithm ?? .sha256)
        try await begin(.keep, digest)
        if let expected, expected != digest { throw .digestMismatch(actual: digest) }
        var isNew = false
        let outcome = state.withLock { state -> Result<BlobIdentity, StorageFault> in
            if let blob = state.blobs[digest], blob.isRegular { return .success(blob.identity) }
            isNew = true
            guard state.hasRoom(for: bytes) else { return .failure(.full) }
            state.nextInode += 1
            let time = state.tick()
            var blob = Blob(bytes: bytes, inode: state.nextInode, modified: time, changed: time)
            blob.receipt = receipt
            state.blobs[digest] = blob
            state.removed.remove(digest)
            return .success(blob.identity)
        }
        return KeptBlob(
            digest: digest, sizeBytes: UInt64(bytes.count), rangeDigests: try Self.digests(bytes, ranges),
            identity: try outcome.get(), carriesReceipt: isNew && receipt != nil)
    }

    public func open(_ digest: Digest) async throws(StorageFault) -> (any OpenedBlob)? {
        try await begin(.open, digest)
        return read(digest).map { OpenedMemoryFile(bytes: $0.bytes, identity: $0.identity) }
    }

    public func identity(of digest: Digest) async throws(StorageFault) -> BlobIdentity? {
        try await begin(.identity, digest)
        return state.withLock { $0.blobs[digest]?.identity }
    }

    public func verify(
        _ digest: Digest, sizeBytes: UInt64, hashing ranges: [Range<UInt64>], pace: ReadPace,
        progress: (any ProgressSink)?
    ) async throws(StorageFault) -> BlobCheck {
        try await begin(.verify, digest)
        guard let blob = read(digest) else { return .missing }
        guard blob.isRegular else { return .notARegularFile }
        guard UInt64(blob.bytes.count) == sizeBytes else { return .otherSize(found: UInt64(blob.bytes.count)) }
        let found = try Self.digest(blob.bytes[...], digest.algorithm)
        let rangeDigests = try Self.digests(blob.bytes, ranges)
        guard found == digest else { return .otherBytes(found: found, rangeDigests: rangeDigests) }
        return .intact(identity: blob.identity, rangeDigests: rangeDigests)
    }

    public func blobs(after digest: Digest?, limit: Int) async throws(StorageFault) -> [StoredBlob] {
        try await begin(.list)
        return state.withLock { state in
            state.blobs.filter { entry in digest.map { entry.key > $0 } ?? true }.sorted { $0.key < $1.key }
                .prefix(max(0, limit)).map { StoredBlob(digest: $0.key, sizeBytes: UInt64($0.value.bytes.count)) }
        }
    }

    public func remove(_ digest: Digest) async throws(StorageFault) {
        try await begin(.remove, digest)
        state.withLock { state in
            guard let blob = state.blobs.removeValue(forKey: digest) else { return }
            if blob.links > 1 { Issue.record("The blob \(digest) was removed while a view shows it.") }
            state.removed.insert(digest)
        }
    }

    public func discardLeftovers() async throws(StorageFault) -> UInt64 {
        state.withLock { state in
            defer { state.leftoverBytes = 0 }
            return state.leftoverBytes
        }
    }

    public func freeBytes() async throws(StorageFault) -> UInt64 {
        state.withLock { state in
            let used = state.blobs.values.reduce(UInt64(0)) { $0 + UInt64($1.bytes.count) }
            return state.capacity - min(state.capacity, used)
        }
    }

    private func read(_ digest: Digest) -> Blob? {
        state.withLock { state in
            if state.removed.contains(digest) { Issue.record("The blob \(digest) was read after it was removed.") }
            state.reads[digest, default: 0] += 1
            return state.blobs[digest]
        }
    }

    private static func digest(
        _ bytes: ArraySlice<UInt8>, _ algorithm: Digest.Algorithm = .sha256
    ) throws(StorageFault) -> Digest {
        do { return try Digest(algorithm, hashing: Array(bytes)) } catch { throw .corrupted(reason: "\(error)") }
    }

    private static func digests(_ bytes: [UInt8], _ ranges: [Range<UInt64>]) throws(StorageFault) -> [Digest] {
        try ranges.map { range throws(StorageFault) in
            guard let start = Int(exactly: range.lowerBound), let end = Int(exactly: range.upperBound),
                end <= bytes.count
            else { return try digest([]) }
            return try digest(bytes[start..<end])
        }
    }
}
