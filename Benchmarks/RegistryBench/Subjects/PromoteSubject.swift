import Crypto
import StrictJSON

/// What a promote costs by how many artifacts are stored, and how many a second are durable under load.
///
/// A promote here is one request about a file that the registry never saw: taken in, inspected, decided, shown.
struct PromoteSubject {
    private static let slowdownMax = 1.3
    private static let promotesPerSecond = 300.0
    private static let clients = 16

    let bench: Bench

    func rows() async throws -> [Row] {
        let stored = bench.scale.stored
        var registries: [(count: Int, server: RegistryServerProcess, source: TinySource, latencies: Latencies)] = []
        for count in [0, stored.page, stored.many] {
            let server = try await bench.registries.server(holding: count)
            registries.append((count, server, try TinySource(server), Latencies()))
        }
        // In turn, so that whatever else the machine does meets all of them alike.
        let clock = ContinuousClock()
        for round in 0..<bench.scale.promotesInTurn + 10 {
            for index in registries.indices {
                let request = try registries[index].source.next()
                let connection = try HTTPConnection(port: registries[index].server.port)
                let start = clock.now
                let (status, body) = try connection.exchange(request)
                guard status == 200 else { throw BenchFault("a promote: \(String(decoding: body, as: UTF8.self))") }
                if round >= 10 { registries[index].latencies.add(start.duration(to: clock.now)) }
            }
        }
        let none = registries[0].latencies.median
        var rows = registries.dropFirst().map { registry in
            Row.atMost(
                Self.slowdownMax,
                "promote of a tiny file, \(Quantity.grouped(registry.count)) stored against none, median",
                peer: (none, Quantity.milliseconds(none)),
                ours: (registry.latencies.median, Quantity.milliseconds(registry.latencies.median)))
        }
        for index in registries.indices where registries[index].count != stored.page {
            rows.append(try underLoad(registries[index].server, &registries[index].source, registries[index].count))
        }
        for registry in registries { try registry.server.stop() }
        return rows
    }

    private func underLoad(
        _ server: RegistryServerProcess, _ source: inout TinySource, _ count: Int
    ) throws -> Row {
        var requests: [HTTPRequest] = []
        for _ in 0..<bench.scale.promotesMax { requests.append(try source.next()) }
        let before = server.processorSeconds
        let result = try LoadGenerator(port: server.port, connections: Self.clients).run(
            seconds: bench.scale.loadSeconds
        ) { requests.popLast() }
        let used = (server.processorSeconds - before) / Double(max(1, result.latencies.count)) * 1_000
        return .atLeast(
            1, "durable promotes by \(Self.clients) clients, \(Quantity.grouped(count)) stored",
            peer: (Self.promotesPerSecond, Quantity.rate(Self.promotesPerSecond)),
            ours: (result.rate, "\(Quantity.rate(result.rate)), \(Quantity.milliseconds(used)) CPU"))
    }
}

/// Tiny models in a registry's directory, each promoted once.
private struct TinySource {
    private let directory: String
    private let port: UInt16
    private var number = 0

    init(_ server: RegistryServerProcess) throws(BenchFault) {
        directory = server.directory
        port = server.port
    }

    /// Writes one more file.
    ///
    /// - Returns: the request that promotes it.
    mutating func next() throws(BenchFault) -> HTTPRequest {
        number += 1
        let bytes = ModelFile.tiny(number)
        let filename = "tiny-\(number).gguf"
        try SmallFile.write(bytes, to: "\(directory)/\(filename)")
        let sha256 = SHA256.hash(data: bytes).hexadecimal
        let body: JSONValue = [
            "name": .string("tiny/\(number)"), "filename": .string(filename), "sha256": .string(sha256),
        ]
        return .post("/v1/promote", json: body.encoded(), token: RegistryServerProcess.token, port: port)
    }
}
