import StrictJSON

/// Reading everything that is stored again, on all cores.
struct VerifySubject {
    private static let files = 4
    private static let shareOfPeer = 0.95
    private static let residentBytesMax: UInt64 = 100 << 20

    let bench: Bench

    func rows() throws -> [Row] {
        let directory = try bench.volume.directory("verify")
        var digests: [String] = []
        let first = try RegistryServerProcess(bench.programs, over: directory, in: bench.workspace)
        var total: UInt64 = 0
        for number in 0..<Self.files {
            let path = "\(directory)/model-\(number).gguf"
            let model = try ModelFile.gguf(at: path, bytes: bench.scale.verifyFileBytes, seed: UInt64(number))
            total += model.sizeBytes
            guard let digest = try OpenSSL.hash([[path]], in: bench.workspace).digests.first else { continue }
            let body: JSONValue = [
                "name": .string("model-\(number)"), "filename": .string("model-\(number).gguf"),
                "sha256": .string(digest),
            ]
            try first.post("/v1/model/acquire", json: body.encoded())
            digests.append(digest)
        }
        // Another process, so that what taking them in needed is not counted.
        try first.stop()
        let server = try RegistryServerProcess(bench.programs, over: directory, in: bench.workspace)
        let blobs = digests.map { "\(directory)/store/blobs/sha256/\($0.prefix(2))/\($0)" }
        let halves = [Array(blobs[..<2]), Array(blobs[2...])]
        _ = try OpenSSL.hash(halves, in: bench.workspace)
        let clock = ContinuousClock()
        var rounds = Rounds()
        for _ in 0..<bench.scale.repeats {
            let peer = try OpenSSL.hash(halves, in: bench.workspace).duration
            let start = clock.now
            try server.post("/v1/models/verify-all")
            rounds.add(peer: peer, ours: start.duration(to: clock.now))
        }
        let resident = server.residentBytesMax
        try server.stop()
        let what = "verify-all over \(Self.files) × \(Quantity.bytes(bench.scale.verifyFileBytes))"
        return [
            .atLeast(Self.shareOfPeer, "\(what) against two openssl processes", rounds, bytes: total),
            .memory("RSS of the server then", limit: Self.residentBytesMax, resident),
        ]
    }
}

/// Bytes in a time as a rate, for both columns.
func rate(_ bytes: UInt64, _ duration: Duration) -> (Double, String) {
    let value = Double(bytes) / (duration / .seconds(1))
    return (value, Quantity.bytesPerSecond(value))
}
