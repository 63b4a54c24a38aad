/// Reading the metadata: one artifact, a page of them, and how the registry is, by how many are stored.
struct ReadSubject {
    /// What two measurements of the same thing may differ by on a machine that does other work, too.
    private static let asFast = 0.9
    private static let getsPerSecond = 15_000.0
    private static let connections = 32

    let bench: Bench

    func rows() async throws -> [Row] {
        let stored = bench.scale.stored
        let few = try await measure(stored.few)
        let page = try await measure(stored.page)
        let many = try await measure(stored.many)
        let count = Quantity.grouped(stored.many)
        return [
            .atLeast(
                1, "get one, \(count) stored", peer: (Self.getsPerSecond, Quantity.rate(Self.getsPerSecond)),
                ours: many.get.shown),
            .atLeast(
                1, "get one for the first time since the start, \(count) stored",
                peer: (Self.getsPerSecond, Quantity.rate(Self.getsPerSecond)), ours: many.first.shown),
            .atLeast(
                Self.asFast, "get one, any of \(count) against \(stored.few)", peer: few.get.shown, ours: many.get.shown
            ),
            .atLeast(
                Self.asFast, "page of 1,000, \(count) stored against \(Quantity.grouped(stored.page))",
                peer: page.list.shown, ours: many.list.shown),
            .atLeast(
                Self.asFast, "/health, \(count) stored against \(stored.few)", peer: few.health.shown,
                ours: many.health.shown),
        ]
    }

    private struct Speed {
        var rate: Double
        /// Of the server, for each request, in microseconds.
        var processorMicroseconds: Double

        init(_ result: LoadResult, processorSeconds: Double) {
            rate = result.rate
            processorMicroseconds = processorSeconds / Double(max(1, result.latencies.count)) * 1e6
        }

        var shown: (Double, String) {
            (rate, "\(Quantity.rate(rate)), \(Quantity.fixed(processorMicroseconds, 0)) µs CPU")
        }
    }

    private func measure(_ count: Int) async throws -> (first: Speed, get: Speed, list: Speed, health: Speed) {
        let server = try await bench.registries.server(holding: count)
        let gets = (0..<min(count, 50_000)).map { step in
            // Spread over all of them, in an order that no cache can guess.
            let number = step &* 7_919 % count
            return HTTPRequest.get("/v1/model/\(SeededArtifact.name(number))", port: server.port)
        }
        let middle = SeededArtifact.name(max(0, count / 2 - 501))
        let after = count > 2_000 ? "&after=\(middle)" : ""
        let list = HTTPRequest.get("/v1/models?limit=1000\(after)", port: server.port)
        let health = HTTPRequest.get("/health", port: server.port)
        let result = (
            first: try once(server, gets), get: try speed(server, gets),
            list: try speed(server, [list], connections: 4),
            health: try speed(server, [health])
        )
        try server.stop()
        return result
    }

    /// Each of them once, when nobody has asked for it before.
    private func once(_ server: RegistryServerProcess, _ requests: [HTTPRequest]) throws -> Speed {
        let load = LoadGenerator(port: server.port, connections: Self.connections)
        var left = requests[...]
        let before = server.processorSeconds
        let result = try load.run(seconds: .infinity) { left.popFirst() }
        return Speed(result, processorSeconds: server.processorSeconds - before)
    }

    private func speed(
        _ server: RegistryServerProcess, _ requests: [HTTPRequest], connections: Int = Self.connections
    ) throws -> Speed {
        let load = LoadGenerator(port: server.port, connections: connections)
        var position = 0
        func next() -> HTTPRequest? {
            position = (position + 1) % requests.count
            return requests[position]
        }
        _ = try load.run(seconds: bench.scale.loadSeconds / 4, next)
        let before = server.processorSeconds
        let result = try load.run(seconds: bench.scale.loadSeconds, next)
        let used = server.processorSeconds - before
        return Speed(result, processorSeconds: used)
    }
}
