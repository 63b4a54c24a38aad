import StrictJSON

/// Where a very large model is, asked again and again while nobody touches it.
struct PathSubject {
    private static let millisecondsMax = 5.0
    private static let asks = 200

    let bench: Bench

    func rows() throws -> [Row] {
        guard bench.volume.sharesBlocks else {
            return [
                .notMeasured("/v1/model/path of a very large file", "takes a file system that shares blocks, and root")
            ]
        }
        let directory = try bench.volume.directory("path")
        let (model, digest) = try ModelFile.sparse(at: directory + "/sparse.gguf", bytes: bench.scale.sparseBytes)
        let server = try RegistryServerProcess(bench.programs, over: directory, in: bench.workspace)
        let body: JSONValue = [
            "name": "sparse", "filename": "sparse.gguf", "sha256": .string(digest),
        ]
        let clock = ContinuousClock()
        let start = clock.now
        try server.post("/v1/promote", json: body.encoded())
        let promoted = start.duration(to: clock.now)
        var latencies = Latencies()
        let connection = try HTTPConnection(port: server.port)
        let request = HTTPRequest.get("/v1/model/path?name=sparse", port: server.port)
        for _ in 0..<Self.asks {
            let start = clock.now
            let (status, _) = try connection.exchange(request)
            guard status == 200 else { throw BenchFault("the path was answered \(status)") }
            latencies.add(start.duration(to: clock.now))
        }
        try server.stop()
        let size = Quantity.bytes(model.sizeBytes)
        let slowest = latencies.quantile(1)
        return [
            .atMost(
                1, "/v1/model/path of an unchanged file of \(size), slowest of \(Self.asks)",
                peer: (Self.millisecondsMax, Quantity.milliseconds(Self.millisecondsMax)),
                ours: (
                    slowest, "\(Quantity.milliseconds(slowest)), median \(Quantity.milliseconds(latencies.median))"
                )),
            Row(
                what: "its promote, which reads the hole once", peer: "", ours: rate(model.sizeBytes, promoted).1,
                ratio: nil, target: "", verdict: .shown),
        ]
    }
}
