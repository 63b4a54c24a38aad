import CLinux

/// The digest of a file, SHA-256 of parts of it, and a copy of it, from one reading of its bytes.
///
/// What is hashed is what is copied: every byte is read once into a buffer from which all users take it, so nobody
/// can change the file in between. Memory is bounded by `ChunkRing`. Files are read, not mapped: a mapped file that
/// somebody truncates kills the process.
///
/// Blocks its thread; for threads of a `BlockingPool`.
public enum HashPass {
    /// Hashes `file` from its first byte to its last.
    ///
    /// - Throws: `.changed` when its size or time of writing is another at the end than at the start, `.notRegular`,
    ///   `.limitExceeded` when a range reaches beyond the file or ranges overlap too much, `.cancelled`, and what
    ///   reading and writing throw.
    public static func run(
        over file: FileDescriptor, _ request: HashRequest = HashRequest()
    ) throws(FileFault) -> HashResult {
        let before = try file.identity()
        guard before.kind == .regular else { throw FileFault(.hash, .notRegular) }
        var jobs: [any ChunkJob] = [WholeJob(request.algorithm, progress: request.progress)]
        if !request.ranges.isEmpty {
            jobs.append(RangesJob(try RangeHasher(request.ranges, size: before.size, limits: request.limits)))
        }
        let isDirect = request.bypassesCache && file.setDirect(true)
        defer { if isDirect { file.setDirect(false) } }
        let workers = try work(on: jobs, file: file, size: before.size, request)
        let after = try file.identity()
        guard after.hasSameContentStamp(as: before) else { throw FileFault(.hash, .changed) }
        return HashResult(
            digest: workers.first?.finish().first ?? [],
            rangeDigests: workers.count > 1 ? workers[1].finish() : [], before: before, after: after)
    }

    /// Runs every job over every chunk, and gives the jobs back when all are done.
    private static func work(
        on jobs: [any ChunkJob], file: FileDescriptor, size: Int64, _ request: HashRequest
    ) throws(FileFault) -> [any ChunkJob] {
        let ring = ChunkRing(size: size, users: jobs.count)
        let reader = ChunkReader(file: file, ring: ring, request: request)
        let isSmall = ring.chunkCount <= 2
        if isSmall || (jobs.count == 1 && request.copy == nil && !request.readsAhead) {
            try reader.runAlone(jobs)
            return jobs
        }
        // This thread does the first job; the others get a thread each, and one more only reads (and writes the copy).
        var threads: [BlockingThread] = []
        defer { for thread in threads { thread.join() } }
        do throws(FileFault) {
            for user in jobs.indices.dropFirst() {
                let job = jobs[user]
                threads.append(try BlockingThread.start { reader.run(job, user: user) })
            }
            if request.copy != nil || request.readsAhead {
                threads.append(try BlockingThread.start { reader.run(nil, user: nil) })
            }
        } catch {
            ring.fail(error)
            throw error
        }
        reader.run(jobs.first, user: 0)
        for thread in threads { thread.join() }
        threads = []
        if let failure = ring.failure { throw failure }
        return jobs
    }
}

/// Takes chunks in order, on one thread at a time.
private protocol ChunkJob: AnyObject, Sendable {
    func update(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFault)
    func finish() -> [[UInt8]]
}

/// `@unchecked Sendable`: one thread uses it until it is joined, then the thread that joined.
private final class WholeJob: ChunkJob, @unchecked Sendable {
    private var hash: RunningHash
    private let progress: (@Sendable (Int64) -> Void)?

    init(_ algorithm: HashAlgorithm, progress: (@Sendable (Int64) -> Void)?) {
        hash = RunningHash(algorithm)
        self.progress = progress
    }

    func update(_ bytes: UnsafeRawBufferPointer, at offset: Int64) {
        hash.update(bytes)
        progress?(offset + Int64(bytes.count))
    }

    func finish() -> [[UInt8]] { [hash.digest()] }
}

/// `@unchecked Sendable`: as `WholeJob`.
private final class RangesJob: ChunkJob, @unchecked Sendable {
    private var hasher: RangeHasher

    init(_ hasher: RangeHasher) { self.hasher = hasher }

    func update(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFault) {
        try hasher.update(bytes, at: offset)
    }

    func finish() -> [[UInt8]] { hasher.finish() }
}

/// One thread's part in a pass.
private struct ChunkReader: Sendable {
    let file: FileDescriptor
    let ring: ChunkRing
    let request: HashRequest

    /// Bytes that the kernel is asked to have ready beyond the chunk in hand.
    private static let readAheadBytes = 4 * ChunkRing.chunkBytes

    /// All jobs on this thread, for small files and for busy machines.
    func runAlone(_ jobs: [any ChunkJob]) throws(FileFault) {
        for chunk in 0..<ring.chunkCount {
            try load(chunk)
            try copy(chunk)
            for job in jobs {
                try job.update(UnsafeRawBufferPointer(ring.buffer(of: chunk)), at: ring.offset(of: chunk))
            }
        }
    }

    func run(_ job: (any ChunkJob)?, user: Int?) {
        do throws(FileFault) {
            while true {
                switch ring.nextStep(for: user) {
                case .use(let chunk):
                    try job?.update(UnsafeRawBufferPointer(ring.buffer(of: chunk)), at: ring.offset(of: chunk))
                    if let user { ring.didUse(by: user) }
                case .read(let chunk):
                    try load(chunk)
                    ring.didLoad()
                    try copy(chunk)
                    ring.didFinishReading()
                case .stop:
                    return
                }
            }
        } catch {
            ring.fail(error)
        }
    }

    private func load(_ chunk: Int) throws(FileFault) {
        try request.cancellation?.check(.hash)
        let buffer = ring.buffer(of: chunk)
        try request.budget?.wait(forBytes: buffer.count, cancellation: request.cancellation)
        let offset = ring.offset(of: chunk)
        if request.bypassesCache {
            // At the end of the file there are fewer bytes than room.
            if file.readAligned(into: ring.room(of: chunk), at: offset) == buffer.count { return }
            // Not on this file system, or not here: the cache can do it.
            file.setDirect(false)
        } else if chunk % 4 == 0, request.budget == nil, ring.chunkCount > 4 {
            let ahead = offset + Int64(ChunkRing.chunkBytes)
            file.withNumber { clinux_read_ahead($0, ahead, Self.readAheadBytes) }
        }
        guard try file.read(into: buffer, at: offset) == buffer.count else { throw FileFault(.hash, .changed) }
    }

    private func copy(_ chunk: Int) throws(FileFault) {
        guard let copy = request.copy else { return }
        try copy.write(UnsafeRawBufferPointer(ring.buffer(of: chunk)), at: ring.offset(of: chunk))
    }
}
