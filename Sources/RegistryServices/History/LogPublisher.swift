public import RegistryCore
public import RegistryPorts
import Synchronization
public import TransparencyLog

/// Signs the log's head soon after it grew.
///
/// The events are committed first, then the checkpoint is replaced; a stop between the two leaves an older checkpoint,
/// which the next start brings up to date. A checkpoint that the log does not contain stops the registry.
public final class LogPublisher: Sendable {
    private struct State {
        var current: Checkpoint?
        var note: [UInt8]?
    }

    private let store: any MetadataReader
    private let checkpoints: any CheckpointStore
    private let signer: NoteSigner
    private let origin: LogOrigin
    private let state = Mutex(State())
    private let turns = Turns<LogOrigin>()

    public init(
        store: any MetadataReader, checkpoints: any CheckpointStore, signer: NoteSigner, origin: LogOrigin
    ) {
        self.store = store
        self.checkpoints = checkpoints
        self.signer = signer
        self.origin = origin
    }

    /// The signed checkpoint to serve: a C2SP tlog-checkpoint note.
    public var note: [UInt8]? { state.withLock { $0.note } }
    public var signedSize: UInt64 { current?.size ?? 0 }
    /// What was signed last.
    public var current: Checkpoint? { state.withLock { $0.current } }

    /// Reads what was signed last and proves that the log still contains it.
    ///
    /// - Throws: `.recordTampered` when it does not: somebody rewrote or rolled back history, or the checkpoint.
    public func load() async throws(RegistryError) {
        let note = try await throughStore { () async throws(StorageFault) in try await checkpoints.fetch() }
        guard let note, let checkpoint = try verified(note) else { return }
        let head = try await throughStore { () async throws(StorageFault) in try await store.logHead() }
        guard checkpoint.size <= head.size else {
            throw RegistryError(
                .recordTampered,
                "The log has \(head.size) entries and \(checkpoint.size) were signed: it was rolled back or cut off.")
        }
        let root = try await LogReading(store: store).root(at: checkpoint.size)
        guard root == checkpoint.root else {
            throw RegistryError(.recordTampered, "The log does not contain what was signed: history was rewritten.")
        }
        state.withLock { $0 = State(current: checkpoint, note: note) }
    }

    /// Signs the present head, if it is newer than what was signed.
    ///
    /// - Returns: whether a new checkpoint stands.
    @discardableResult
    public func publish() async throws(RegistryError) -> Bool {
        try await turns.take(origin) { () async throws(RegistryError) in try await publishInTurn() }
    }

    private func publishInTurn() async throws(RegistryError) -> Bool {
        let head = try await throughStore { () async throws(StorageFault) in try await store.logHead() }
        let current = state.withLock { $0 }
        if let signed = current.current, head.size <= signed.size { return false }
        let checkpoint = Checkpoint(origin: origin, head: head.frontier.head)
        let note: [UInt8]
        do { note = try checkpoint.signed(by: [signer]).encoded } catch {
            throw RegistryError(.internalError, "The checkpoint could not be signed.", cause: error)
        }
        try await throughStore { () async throws(StorageFault) in
            try await checkpoints.replace(current.note, with: note)
        }
        state.withLock { $0 = State(current: checkpoint, note: note) }
        return true
    }

    /// The checkpoint that is kept, whether or not the log still contains it.
    ///
    /// - Throws: `.recordTampered` when it does not carry our signature.
    func kept() async throws(RegistryError) -> Checkpoint? {
        try verified(try await throughStore { () async throws(StorageFault) in try await checkpoints.fetch() })
    }

    private func verified(_ note: [UInt8]?) throws(RegistryError) -> Checkpoint? {
        guard let note else { return nil }
        do {
            let signed = try SignedNote(parsing: note)
            _ = try signed.verify(by: [signer.verifier])
            let checkpoint = try Checkpoint(parsing: signed.text)
            guard checkpoint.origin == origin else {
                throw RegistryError(.recordTampered, "The kept checkpoint is of another log: \(checkpoint.origin).")
            }
            return checkpoint
        } catch let error as RegistryError {
            throw error
        } catch {
            throw RegistryError(
                .recordTampered, "The kept checkpoint is not signed by this registry's key.", cause: error)
        }
    }
}
