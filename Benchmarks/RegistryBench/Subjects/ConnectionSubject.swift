import Glibc

/// Connections that wait for their next request, and clients that send theirs slowly: what each takes, and what others
/// notice.
struct ConnectionSubject {
    private static let idleBytesMax: UInt64 = 20 << 10
    private static let slowdownMax = 2.0
    private static let connections = 8
    /// Files of this program beside the connections.
    private static let filesOfOurs = 200

    let bench: Bench

    func rows() throws -> [Row] {
        let server = try RegistryServerProcess(
            bench.programs, over: try bench.workspace.directory("connections"), in: bench.workspace)
        server.settle()
        let request = HTTPRequest.get("/livez", port: server.port)
        let limit = OpenFiles.raise() - Self.filesOfOurs
        _ = try load(server, request, seconds: bench.scale.loadSeconds / 4)
        let alone = try load(server, request, seconds: bench.scale.loadSeconds)
        var rows: [Row] = []
        try rows += idle(min(bench.scale.connections.idle, limit), server, request, alone)
        try rows += slow(min(bench.scale.connections.slow, limit), server, request, alone)
        try server.stop()
        return rows
    }

    /// Each has had one answer.
    private func idle(
        _ count: Int, _ server: RegistryServerProcess, _ request: HTTPRequest, _ alone: LoadResult
    ) throws -> [Row] {
        let before = server.residentBytes ?? 0
        var open: [HTTPConnection] = []
        for _ in 0..<count {
            let connection = try HTTPConnection(port: server.port, scratchBytes: 1 << 10)
            guard try connection.exchange(request).status == 200 else { throw BenchFault("a connection was refused") }
            open.append(connection)
        }
        let after = server.residentBytes ?? 0
        let beside = try load(server, request, seconds: bench.scale.loadSeconds)
        for connection in open { connection.close() }
        let each = (after > before ? after - before : 0) / UInt64(max(1, count))
        return [
            .atMost(
                1, "\(Quantity.grouped(count)) idle connections, memory of each",
                peer: (Double(Self.idleBytesMax), Self.kilobytes(Self.idleBytesMax)),
                ours: (Double(each), Self.kilobytes(each))),
            others("p99 of others beside them", alone, beside),
        ]
    }

    /// Each begins a request and does not end it.
    private func slow(
        _ count: Int, _ server: RegistryServerProcess, _ request: HTTPRequest, _ alone: LoadResult
    ) throws -> [Row] {
        var open: [HTTPConnection] = []
        for _ in 0..<count {
            let connection = try HTTPConnection(port: server.port, scratchBytes: 1 << 10)
            try connection.send(Array(request.bytes.dropLast(4)))
            open.append(connection)
        }
        let beside = try load(server, request, seconds: bench.scale.loadSeconds)
        for connection in open { connection.close() }
        return [others("p99 of others beside \(Quantity.grouped(count)) unfinished requests", alone, beside)]
    }

    private func others(_ what: String, _ alone: LoadResult, _ beside: LoadResult) -> Row {
        func shown(_ result: LoadResult) -> (Double, String) {
            let milliseconds = result.latencies.quantile(0.99)
            return (milliseconds, Quantity.milliseconds(milliseconds))
        }
        return .atMost(Self.slowdownMax, what, peer: shown(alone), ours: shown(beside))
    }

    private func load(_ server: RegistryServerProcess, _ request: HTTPRequest, seconds: Double) throws -> LoadResult {
        try LoadGenerator(port: server.port, connections: Self.connections).run(seconds: seconds) { request }
    }

    private static func kilobytes(_ bytes: UInt64) -> String {
        "\(Quantity.fixed(Double(bytes) / 1_024, 1)) KiB"
    }
}

/// How many files this program may have open.
private enum OpenFiles {
    /// Takes what the hard limit allows (getrlimit(2)).
    static func raise() -> Int {
        var limit = rlimit()
        let kind = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        guard getrlimit(kind, &limit) == 0 else { return 1_024 }
        limit.rlim_cur = limit.rlim_max
        setrlimit(kind, &limit)
        return Int(clamping: limit.rlim_cur)
    }
}
