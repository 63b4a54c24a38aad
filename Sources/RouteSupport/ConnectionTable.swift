public import NIOCore
import Synchronization

/// The connections that are open, and which of them to give up when there is no place for another.
///
/// A connection costs a descriptor, and work needs descriptors too: reading a model, moving a view away. When every
/// place is taken, the connection that has waited longest without a request is closed for a new one; only when all of
/// them are at work is the new one refused. So whoever opens connections and leaves them shuts nobody out.
public final class ConnectionTable: Sendable {
    public typealias ID = UInt64

    /// Where a connection comes from, as far as places are shared out: an IPv4 address, or the /64 of an IPv6 address,
    /// which is what one customer has.
    public enum Source: Sendable, Hashable {
        /// Proxies stand there, with everybody behind them: no share of their own.
        case loopback
        case network([UInt8])
    }

    /// Changed with the state of the table locked.
    fileprivate final class Entry {
        let source: Source
        /// When it became idle, counted in changes; `nil` while it is at work.
        var idleSince: UInt64?
        let close: @Sendable () -> Void

        init(_ source: Source, close: @escaping @Sendable () -> Void) {
            self.source = source
            self.close = close
        }
    }

    fileprivate struct State {
        var entries: [ID: Entry] = [:]
        var counts: [Source: Int] = [:]
        /// Idle connections, the longest idle one first. A connection that went to work since is still in it, and no
        /// longer idle since then.
        var idle: [(id: ID, since: UInt64)] = []
        var firstIdle = 0
        var changes: UInt64 = 0
    }

    private let limit: Int
    private let limitPerSource: Int
    private let meters: Meters
    private let state = Mutex(State())

    /// - Parameters:
    ///   - limit: connections that may be open at a time.
    ///   - limitPerSource: how many of them may be one source's, loopback addresses aside.
    public init(limit: Int, limitPerSource: Int, meters: Meters) {
        self.limit = limit
        self.limitPerSource = limitPerSource
        self.meters = meters
    }

    public var count: Int { state.withLock { $0.entries.count } }

    /// Takes a place, if need be that of another connection.
    ///
    /// - Parameter close: closes the connection, from whatever thread.
    /// - Returns: `nil` when there is none.
    public func open(from source: Source, close: @escaping @Sendable () -> Void) -> ID? {
        let (id, victim) = state.withLock { state -> (ID?, (@Sendable () -> Void)?) in
            if source != .loopback, state.counts[source, default: 0] >= limitPerSource { return (nil, nil) }
            var victim: (@Sendable () -> Void)?
            if state.entries.count >= limit {
                guard let longest = state.longestIdle() else { return (nil, nil) }
                victim = state.remove(longest)?.close
            }
            state.changes += 1
            let id = state.changes
            state.entries[id] = Entry(source, close: close)
            state.counts[source, default: 0] += 1
            state.rest(id)
            return (id, victim)
        }
        if id == nil { meters.count("connections_refused") }
        if let victim {
            meters.count("connections_shed")
            victim()
        }
        return id
    }

    /// A request began on it.
    public func work(_ id: ID) {
        state.withLock { $0.entries[id]?.idleSince = nil }
    }

    /// Every request on it is answered.
    public func rest(_ id: ID) {
        state.withLock { $0.rest(id) }
    }

    public func closed(_ id: ID) {
        state.withLock { _ = $0.remove(id) }
    }
}

extension ConnectionTable.State {
    mutating func rest(_ id: ConnectionTable.ID) {
        guard let entry = entries[id] else { return }
        changes += 1
        entry.idleSince = changes
        // Most connections rest and work again many times before anybody looks for a place.
        if idle.count > 2 * entries.count + 64 {
            idle = idle[firstIdle...].filter(isIdle)
            firstIdle = 0
        }
        idle.append((id, changes))
    }

    mutating func longestIdle() -> ConnectionTable.ID? {
        while firstIdle < idle.count {
            let next = idle[firstIdle]
            firstIdle += 1
            if isIdle(next) { return next.id }
        }
        idle.removeAll(keepingCapacity: true)
        firstIdle = 0
        return nil
    }

    mutating func remove(_ id: ConnectionTable.ID) -> ConnectionTable.Entry? {
        guard let entry = entries.removeValue(forKey: id) else { return nil }
        counts[entry.source] = counts[entry.source].flatMap { $0 > 1 ? $0 - 1 : nil }
        return entry
    }

    private func isIdle(_ place: (id: ConnectionTable.ID, since: UInt64)) -> Bool {
        entries[place.id]?.idleSince == place.since
    }
}

extension ConnectionTable.Source {
    /// - Parameter address: `nil` and local sockets count as this machine.
    public init(_ address: SocketAddress?) {
        switch address {
        // sockaddr_in: family, port, address; sockaddr_in6 has the flow before the address (RFC 3493 §3.3).
        case .v4(let address):
            self.init(v4: withUnsafeBytes(of: address.address) { Array($0[4..<8]) })
        case .v6(let address):
            let bytes = withUnsafeBytes(of: address.address) { Array($0[8..<24]) }
            let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10..<12].allSatisfy { $0 == 0xFF }
            if isMapped {
                self.init(v4: Array(bytes[12...]))
            } else if bytes.dropLast().allSatisfy({ $0 == 0 }), bytes.last == 1 {
                self = .loopback
            } else {
                self = .network(Array(bytes.prefix(8)))
            }
        case .unixDomainSocket, nil: self = .loopback
        }
    }

    private init(v4 bytes: [UInt8]) {
        self = bytes.first == 127 ? .loopback : .network(bytes)
    }
}
