/// What others notice of a client that asks for long lists and takes nothing.
struct StalledClientSubject {
    private static let requests = 64
    private static let slowdownMax = 1.3

    let bench: Bench

    func rows() async throws -> [Row] {
        let count = bench.scale.stored.many
        let server = try await bench.registries.server(holding: count)
        let gets = (0..<1_000).map { number in
            HTTPRequest.get("/v1/model/\(SeededArtifact.name(number &* 7_919 % count))", port: server.port)
        }
        _ = try load(server, gets, seconds: bench.scale.loadSeconds / 4)
        let without = try load(server, gets, seconds: bench.scale.loadSeconds)
        let before = server.residentBytesMax
        let stalled = try HTTPConnection(port: server.port, receiveBytes: 4_096)
        let list = HTTPRequest.get("/v1/models?limit=1000", port: server.port)
        for _ in 0..<Self.requests { try stalled.send(list.bytes) }
        let with = try load(server, gets, seconds: bench.scale.loadSeconds)
        let after = server.residentBytesMax
        stalled.close()
        try server.stop()
        var rows: [Row] = [
            .atMost(
                Self.slowdownMax, "p99 of others beside a client that takes nothing",
                peer: shown(without.latencies.quantile(0.99)), ours: shown(with.latencies.quantile(0.99))),
            .atLeast(
                1 / Self.slowdownMax, "requests/s of others beside it",
                peer: (without.rate, Quantity.rate(without.rate)),
                ours: (with.rate, Quantity.rate(with.rate))),
        ]
        if let before, let after {
            let grown = after > before ? after - before : 0
            rows.append(
                Row(
                    what: "memory that it costs", peer: "", ours: Quantity.bytes(grown), ratio: nil, target: "",
                    verdict: .shown))
        }
        return rows
    }

    private func load(
        _ server: RegistryServerProcess, _ requests: [HTTPRequest], seconds: Double
    ) throws -> LoadResult {
        var position = 0
        return try LoadGenerator(port: server.port, connections: 8).run(seconds: seconds) {
            position = (position + 1) % requests.count
            return requests[position]
        }
    }

    private func shown(_ milliseconds: Double) -> (Double, String) {
        (milliseconds, Quantity.milliseconds(milliseconds))
    }
}
