/// How long a start takes with many artifacts, and what a server needs that has nothing to do.
struct StartSubject {
    private static let secondsMax = 1.0
    private static let idleBytesMax: UInt64 = 60 << 20

    let bench: Bench

    func rows() async throws -> [Row] {
        let many = try await bench.registries.directory(holding: bench.scale.stored.many)
        let few = try await bench.registries.directory(holding: bench.scale.stored.few)
        var clean: [Double] = []
        var killed: [Double] = []
        for _ in 0..<max(3, bench.scale.repeats) {
            let server = try start(many)
            clean.append(server.timeToReady / .seconds(1))
            server.killNow()
            let second = try start(many)
            killed.append(second.timeToReady / .seconds(1))
            try second.stop()
        }
        let stored = Quantity.grouped(bench.scale.stored.many)
        let idle = try start(few)
        idle.settle()
        _ = try HTTPConnection(port: idle.port).exchange(.get("/v1/models", port: idle.port))
        let resident = idle.residentBytes
        try idle.stop()
        return [
            row("start to ready, \(stored) stored", clean), row("the same after a kill", killed),
            .memory("idle RSS of the server, \(bench.scale.stored.few) stored", limit: Self.idleBytesMax, resident),
        ]
    }

    private func start(_ directory: String) throws -> RegistryServerProcess {
        try RegistryServerProcess(bench.programs, over: directory, in: bench.workspace)
    }

    private func row(_ what: String, _ seconds: [Double]) -> Row {
        let median = seconds.sorted()[seconds.count / 2]
        return .atMost(
            1, what, peer: (Self.secondsMax, "1 s"), ours: (median, Quantity.milliseconds(median * 1_000)))
    }
}
