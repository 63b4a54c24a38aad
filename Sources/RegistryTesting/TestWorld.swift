public import RegistryServices
public import StorageMemory
public import TransparencyLog

/// All that outlives a process: stores, files, keys and the clock. Several registries may run in it, one after another.
public final class TestWorld: Sendable {
    public let store: MemoryMetadataStore
    public let blobs: MemoryBlobStore
    public let sources: MemorySourceFiles
    public let views: MemoryTrustedViews
    public let checkpoints: MemoryCheckpointStore
    /// `manifest.yaml`.
    public let manifest: MemoryDocumentFile
    /// `models.lock.yaml`.
    public let bootLock: MemoryDocumentFile
    public let leases: MemoryLeases
    public let uploads: MemoryUploads
    /// Of which names of uploads are made.
    public let entropy = FixedEntropy(seed: 2)
    public let clock: TestClock
    /// Measures and waits.
    public let timer: TestTimer
    public let inspector: InProcessInspector
    public let sealer: RecordSealer
    public let signer: NoteSigner
    public let origin: LogOrigin

    /// - Parameters:
    ///   - blobs: those of another world, whose metadata was lost.
    public init(blobs: MemoryBlobStore = MemoryBlobStore(), sources: MemorySourceFiles = MemorySourceFiles()) throws {
        store = MemoryMetadataStore()
        self.blobs = blobs
        self.sources = sources
        views = MemoryTrustedViews(blobs: blobs)
        checkpoints = MemoryCheckpointStore()
        manifest = MemoryDocumentFile()
        bootLock = MemoryDocumentFile()
        clock = TestClock()
        leases = MemoryLeases(clock: clock)
        uploads = MemoryUploads(clock: clock)
        timer = TestTimer()
        inspector = InProcessInspector()
        let entropy = FixedEntropy()
        sealer = RecordSealer(key: entropy.bytes(RecordSealer.keyBytes))
        guard let name = NoteKeyName("registry.test"), let origin = LogOrigin("registry.test"),
            let signer = NoteSigner(name: name, seed: entropy.bytes(32))
        else { throw TestWorldFault() }
        self.origin = origin
        self.signer = signer
    }
}

/// The constants of a `TestWorld` are no keys.
struct TestWorldFault: Error {}
