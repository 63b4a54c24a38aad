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
    private let sealer: RecordSealer
    private let signer: NoteSigner
    private let origin: LogOrigin
    private let state = Mutex(State())
    private let turns = Turns<LogOrigin>()

    public init(
        store: any MetadataReader, checkpoints: any CheckpointStore, sealer: RecordSealer, signer: NoteSigner,
        origin: LogOrigin
    ) {
        self.store = store
        self.checkpoints = checkpoints
        self.sealer = sealer
        self.signer = signer
        self.origin = origin
    }

    /// The signed checkpoint to serve: a C2SP tlog-checkpoint note.
    public var note: [UInt8]? { state.withLock { $0.note } }
    public var signedSize: UInt64 { current?.size ?? 0 }
    /// What was signed last.
    public var current: Checkpoint? { state.withLock { $0.current } }

    /// Reads what was signed last, and proves that the log still contains it and that what follows was written by this
    /// registry.
    ///
    /// - Throws: `.recordTampered` when it does not: somebody rewrote, rolled back or continued history, or changed the
    ///   checkpoint.
    public func load() async throws(RegistryError) {
        let note = try await throughStore { () async throws(StorageFault) in try await checkpoints.fetch() }
        let head = try await throughStore { () async throws(StorageFault) in try await store.logHead() }
        let checkpoint = try verified(note)
        if head.size > checkpoint?.size ?? 0 { try requireSealed(head, after: checkpoint) }
        guard let note, let checkpoint else { return }
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
        try requireSealed(head, after: current.current)
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

    /// Entries beyond the checkpoint are what a stop before signing leaves, or what somebody else appended.
    private func requireSealed(_ head: LogHead, after signed: Checkpoint?) throws(RegistryError) {
        guard sealer.open(head) == nil else { return }
        throw RegistryError(
            .recordTampered,
            "Entries \(signed?.size ?? 0) to \(head.size) of the log were not written by this registry.")
    }

    /// The checkpoint that is kept, whether or not the log still contains it.
    ///
    /// - Throws: `.recordTampered` when it does not carry our signature.
    package func kept() async throws(RegistryError) -> Checkpoint? {
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
