/// Keeps the newest signed checkpoint of the log, and nothing else.
///
/// This is the one store that must never go back. Losing it stops the registry, which an operator will notice. Rolling
/// it back would let us sign two histories, which nobody would notice for a long time.
public protocol CheckpointStore: Sendable {
    /// The signed note, or `nil` before the first one was written.
    func fetch() async throws(StorageFault) -> [UInt8]?

    /// Replaces the checkpoint. Changes nothing and throws `.changed` unless `current` is what is kept now. When it
    /// returns, `next` survives a power cut.
    func replace(_ current: [UInt8]?, with next: [UInt8]) async throws(StorageFault)
}
