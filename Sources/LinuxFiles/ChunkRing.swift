/// A few buffers through which the bytes of a file pass to those who use them, each byte read once.
///
/// Nobody is the reader by trade: whoever has used all that is there, and finds room, reads the next chunk. So reading
/// is shared by all threads, and two of equal work end together.
///
/// `@unchecked Sendable`: a buffer is written only by the one thread that `Progress.isReading` names, while no user has
/// any of its old content left to use, and read only after `Progress.loaded` says that it is filled.
final class ChunkRing: @unchecked Sendable {
    /// What a thread is to do next.
    enum Step {
        case use(chunk: Int)
        case read(chunk: Int)
        case stop
    }

    private struct Progress: Sendable {
        /// Chunks that have been read.
        var loaded = 0
        /// Chunks that each user has finished with.
        var used: [Int]
        var isReading = false
        var failure: FileFault?
    }

    static let chunkBytes = 1 << 20
    /// Reserved for one pass: 4 MiB at most.
    static let chunksMax = 4
    /// What is read past the page cache lies in whole pages.
    private static let pageBytes = 4096

    let size: Int64
    let chunkCount: Int
    private let slots: Int
    private let buffers: UnsafeMutableRawBufferPointer
    private let progress: Monitor<Progress>

    init(size: Int64, users: Int) {
        self.size = size
        let chunkBytes = Int64(Self.chunkBytes)
        chunkCount = Int(size / chunkBytes + (size % chunkBytes == 0 ? 0 : 1))
        slots = max(1, min(Self.chunksMax, chunkCount))
        // One small chunk needs no more than itself: most files are small, and large blocks of memory are mapped anew.
        let pages = size / Int64(Self.pageBytes) + 1
        let bytes = min(Int64(slots * Self.chunkBytes), pages * Int64(Self.pageBytes))
        buffers = .allocate(byteCount: Int(bytes), alignment: Self.pageBytes)
        progress = Monitor(Progress(used: Array(repeating: 0, count: users)))
    }

    deinit { buffers.deallocate() }

    func offset(of chunk: Int) -> Int64 { Int64(chunk) * Int64(Self.chunkBytes) }

    /// The buffer of `chunk`, as long as the chunk is.
    func buffer(of chunk: Int) -> UnsafeMutableRawBufferPointer {
        let start = (chunk % slots) * Self.chunkBytes
        let count = Int(min(Int64(Self.chunkBytes), size - offset(of: chunk)))
        return UnsafeMutableRawBufferPointer(rebasing: buffers[start..<start + count])
    }

    /// As `buffer(of:)`, and in whole pages: what reads past the page cache ask for.
    func room(of chunk: Int) -> UnsafeMutableRawBufferPointer {
        let start = (chunk % slots) * Self.chunkBytes
        return UnsafeMutableRawBufferPointer(rebasing: buffers[start..<min(start + Self.chunkBytes, buffers.count)])
    }

    /// Waits for something to do. `user` is nil for a thread that only reads.
    func nextStep(for user: Int?) -> Step {
        progress.wait { state -> Step? in
            if state.failure != nil { return .stop }
            if let user {
                if state.used[user] == chunkCount { return .stop }
                if state.used[user] < state.loaded { return .use(chunk: state.used[user]) }
            } else if state.loaded == chunkCount && !state.isReading {
                return .stop
            }
            let slowest = state.used.min() ?? state.loaded
            guard !state.isReading, state.loaded < chunkCount, state.loaded - slowest < slots else { return nil }
            state.isReading = true
            return .read(chunk: state.loaded)
        }
    }

    /// The chunk that is being read can be used; its reader may still be busy with it.
    func didLoad() {
        progress.change { $0.loaded += 1 }
    }

    /// The reader is free, and somebody may read the next chunk.
    func didFinishReading() {
        progress.change { $0.isReading = false }
    }

    func didUse(by user: Int) {
        progress.change { $0.used[user] += 1 }
    }

    /// Ends the pass for everybody. The first failure counts.
    func fail(_ fault: FileFault) {
        progress.change { state in
            state.failure = state.failure ?? fault
            state.isReading = false
        }
    }

    var failure: FileFault? { progress.change(waking: .nobody) { $0.failure } }
}
