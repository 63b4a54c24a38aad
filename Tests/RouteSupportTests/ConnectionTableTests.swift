import NIOCore
import RouteSupport
import Synchronization
import Testing

@Suite("The table of connections")
struct ConnectionTableTests {
    private final class Closings: Sendable {
        private let kept = Mutex<[Int]>([])

        var numbers: [Int] { kept.withLock { $0 } }
        func add(_ number: Int) { kept.withLock { $0.append(number) } }
    }

    private let closings = Closings()
    private let meters = Meters()

    private func open(
        _ table: ConnectionTable, _ number: Int, from source: ConnectionTable.Source = .loopback
    ) -> ConnectionTable.ID? {
        let closings = closings
        return table.open(from: source) { closings.add(number) }
    }

    private func source(_ address: String) throws -> ConnectionTable.Source {
        ConnectionTable.Source(try SocketAddress(ipAddress: address, port: 1))
    }

    @Test("The longest idle connection gives its place to a new one")
    func longestIdle() throws {
        let table = ConnectionTable(limit: 3, limitPerSource: 3, meters: meters)
        let ids = try (0..<3).map { try #require(open(table, $0)) }
        table.work(ids[0])
        table.work(ids[1])
        table.rest(ids[0])
        #expect(open(table, 3) != nil)
        #expect(closings.numbers == [2])
        #expect(open(table, 4) != nil)
        #expect(closings.numbers == [2, 0])
        #expect(table.count == 3)
    }

    @Test("Where all are at work there is no place, until one of them rests or ends")
    func allAtWork() throws {
        let table = ConnectionTable(limit: 2, limitPerSource: 2, meters: meters)
        let ids = try (0..<2).map { try #require(open(table, $0)) }
        for id in ids { table.work(id) }
        #expect(open(table, 2) == nil)
        #expect(closings.numbers.isEmpty)
        table.closed(ids[0])
        #expect(open(table, 3) != nil)
        table.rest(ids[1])
        #expect(open(table, 4) != nil)
        #expect(closings.numbers == [3])
        #expect(meters.text(gauges: []).contains("pratique_connections_refused_total 1\n"))
    }

    @Test("A connection that was closed for another one may still say what it does")
    func lateWords() throws {
        let table = ConnectionTable(limit: 1, limitPerSource: 1, meters: meters)
        let first = try #require(open(table, 0))
        let second = try #require(open(table, 1))
        table.work(first)
        table.rest(first)
        table.closed(first)
        #expect(table.count == 1)
        table.work(second)
        #expect(open(table, 2) == nil)
    }

    @Test("One address has its share and no more; proxies on this machine have all of it")
    func shares() throws {
        let table = ConnectionTable(limit: 10, limitPerSource: 2, meters: meters)
        let (one, other) = (try source("192.0.2.1"), try source("192.0.2.2"))
        let first = try #require(open(table, 0, from: one))
        #expect(open(table, 1, from: one) != nil)
        #expect(open(table, 2, from: one) == nil)
        #expect(open(table, 3, from: other) != nil)
        for number in 4..<10 { #expect(open(table, number, from: try source("127.0.0.1")) != nil) }
        table.closed(first)
        #expect(open(table, 10, from: one) != nil)
        #expect(closings.numbers.isEmpty)
    }

    @Test("Addresses that one customer has are one source")
    func sources() throws {
        #expect(try source("2001:db8:1:2::1") == source("2001:db8:1:2:ffff::9"))
        #expect(try source("2001:db8:1:2::1") != source("2001:db8:1:3::1"))
        #expect(try source("::ffff:192.0.2.1") == source("192.0.2.1"))
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            #expect(try source(address) == .loopback)
        }
        #expect(try source("::2") != .loopback)
        #expect(ConnectionTable.Source(nil) == .loopback)
    }

    @Test("Connections that work and rest without end do not make the table grow, and their order stays")
    func longLives() throws {
        let table = ConnectionTable(limit: 4, limitPerSource: 4, meters: meters)
        let ids = try (0..<4).map { try #require(open(table, $0)) }
        for round in 0..<10_000 {
            table.work(ids[round % 3])
            table.rest(ids[round % 3])
        }
        for number in 4..<8 { #expect(open(table, number) != nil) }
        #expect(closings.numbers == [3, 1, 2, 0])
    }
}
