import Glibc

/// Asks one server over several connections, one request at a time on each, all from the calling thread.
struct LoadGenerator {
    let port: UInt16
    let connections: Int

    /// Asks for so long, or until there are no more requests, and then waits for the answers that are under way.
    ///
    /// - Parameter next: the next request.
    /// - Throws: when the server answers anything but success, because that would measure something else.
    func run(seconds: Double, _ next: () -> HTTPRequest?) throws(BenchFault) -> LoadResult {
        var clients: [Client] = []
        for _ in 0..<connections { clients.append(Client(connection: try HTTPConnection(port: port))) }
        let clock = ContinuousClock()
        let start = clock.now
        let deadline = start + .seconds(min(seconds, 3_600))
        var result = LoadResult()
        result.latencies.reserve(1 << 18)
        var underWay = 0
        for index in clients.indices {
            guard let request = next() else { break }
            try clients[index].ask(request, at: clock.now)
            underWay += 1
        }
        var waiting = clients.map { pollfd(fd: $0.connection.socket, events: Int16(POLLIN), revents: 0) }
        while underWay > 0 {
            guard poll(&waiting, nfds_t(waiting.count), 30_000) > 0 else { throw BenchFault("no answer in 30 seconds") }
            for index in clients.indices where waiting[index].revents != 0 {
                guard try clients[index].read() else { continue }
                let now = clock.now
                result.latencies.add(clients[index].asked.duration(to: now))
                underWay -= 1
                guard now < deadline, let request = next() else { continue }
                try clients[index].ask(request, at: now)
                underWay += 1
            }
        }
        result.duration = start.duration(to: clock.now)
        return result
    }

    private struct Client {
        let connection: HTTPConnection
        var reader = HTTPResponseReader(keepsBody: false)
        var asked = ContinuousClock.now

        mutating func ask(_ request: HTTPRequest, at time: ContinuousClock.Instant) throws(BenchFault) {
            reader = HTTPResponseReader(keepsBody: false)
            asked = time
            try connection.send(request.bytes)
        }

        /// - Returns: whether the answer is complete.
        mutating func read() throws(BenchFault) -> Bool {
            guard try connection.receive(into: &reader) else { return false }
            guard (200..<300).contains(reader.status) else {
                throw BenchFault("a request was answered \(reader.status)")
            }
            return true
        }
    }
}

/// What came of a load.
struct LoadResult {
    var latencies = Latencies()
    var duration = Duration.zero

    /// Answers a second.
    var rate: Double { duration > .zero ? Double(latencies.count) / (duration / .seconds(1)) : 0 }
}
