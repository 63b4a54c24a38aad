import OCI
public import RegistryCore
public import RegistryPorts
import Synchronization

/// The only way to change anything: a transaction that appends events and makes the projections follow.
public final class Ledger: Sendable {
    /// What somebody has to hear after a commit.
    public protocol Listener: Sendable {
        /// Names whose records changed, and the size of the log now. Called before the change is acknowledged.
        ///
        /// Also called when nobody knows whether the change was kept: whoever remembers something about these names
        /// must forget it, and the log may be shorter than that.
        func committed(_ names: [ArtifactName], logSize: UInt64)

        /// The same about tags that may point elsewhere now, and, without a tag, about what repositories hold.
        func committed(_ places: [EntryPlace])
    }

    /// What was received and is not written down yet.
    package let receipts: Receipts
    private let store: any MetadataStore
    private let sealer: RecordSealer
    private let newest: NewestEvents
    private let clock: any WallClock
    private let listeners: [any Listener]
    private let stop: @Sendable (StorageFault) -> Void
    /// The newest time that was written. History never goes back, whatever the clock does.
    private let latest: Mutex<Timestamp>

    /// - Parameters:
    ///   - latest: the time of the newest event in the log.
    ///   - stop: ends the process; called when the disk could not say that a commit is on it.
    public init(
        store: any MetadataStore, sealer: RecordSealer, newest: NewestEvents, clock: any WallClock,
        latest: Timestamp, listeners: [any Listener], stop: @escaping @Sendable (StorageFault) -> Void
    ) {
        self.store = store
        self.sealer = sealer
        self.newest = newest
        self.clock = clock
        self.listeners = listeners
        self.stop = stop
        self.latest = Mutex(latest)
        receipts = Receipts(sealer: sealer, newestEvent: latest, start: max(latest, clock.now()))
    }

    private struct Change {
        var names: [ArtifactName]
        var places: [EntryPlace]
        var events: [(key: ArtifactKey, index: UInt64)]
        var logSize: UInt64
        var receipts: [Receipt]
    }

    /// The time that an event written now carries: never before any other event.
    public func now() -> Timestamp {
        let time = clock.now()
        return latest.withLock { latest in
            latest = max(latest, time)
            return latest
        }
    }

    /// Finds out which events are the newest, so that the first who asks need not wait for it.
    ///
    /// - Throws: as `NewestEvents.load`.
    func prepare() async throws(RegistryError) -> NewestEvents.Origin {
        try await newest.load()
    }

    /// Writes down the receipts that wait for it.
    public func writeReceipts() async throws(RegistryError) {
        guard receipts.isAnyWaiting else { return }
        try await write(.registry(.sweep), withReceipts: true) { _ in }
    }

    /// Runs `body` in one durable transaction and tells the listeners, in that order, before it returns.
    ///
    /// - Parameter withReceipts: write down the receipts that wait for it, before anything else. Changes that have to
    ///   be made on a full disk do not.
    public func write<T: Sendable>(
        _ caller: Caller, withReceipts: Bool = false, _ body: @escaping @Sendable (inout LedgerEntry) throws -> T
    ) async throws(RegistryError) -> T {
        try await newest.load()
        let time = now()
        let (sealer, newest, receipts) = (sealer, newest, receipts)
        let change = Mutex<Change?>(nil)
        func tell() {
            guard let change = change.withLock({ $0 }) else { return }
            for listener in listeners {
                if !change.places.isEmpty { listener.committed(change.places) }
                listener.committed(change.names, logSize: change.logSize)
            }
        }
        do {
            let value = try await store.write { transaction in
                var entry = LedgerEntry(
                    transaction: transaction, sealer: sealer, newest: newest, caller: caller, time: time,
                    head: try transaction.logHead())
                let taken = withReceipts ? receipts.take() : []
                do {
                    for receipt in taken {
                        try transaction.putReceived(receipt.blob, in: receipt.repository, at: receipt.time)
                    }
                    let value = try body(&entry)
                    try entry.end()
                    let done = Change(
                        names: entry.names, places: entry.places, events: entry.appended, logSize: entry.head.size,
                        receipts: taken)
                    change.withLock { $0 = done }
                    return value
                } catch {
                    receipts.giveBack(taken)
                    throw error
                }
            }
            newest.committed(change.withLock { $0?.events } ?? [])
            receipts.settle(change.withLock { $0?.receipts } ?? [])
            tell()
            return value
        } catch let error as RegistryError {
            throw error
        } catch let fault as StorageFault {
            // The body went through; what a store says afterwards does not tell whether it kept it.
            receipts.giveBack(change.withLock { $0?.receipts } ?? [])
            tell()
            if case .syncFailed = fault { stop(fault) }
            throw RegistryError(fault)
        } catch {
            throw RegistryError(.internalError, "The change could not be written.", cause: error)
        }
    }
}

extension Ledger.Listener {
    public func committed(_ places: [EntryPlace]) {}
}
