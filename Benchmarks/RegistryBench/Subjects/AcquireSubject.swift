import StrictJSON

/// Taking a large model in: shared or copied, inspected, hashed as a whole and tensor by tensor, synced.
struct AcquireSubject {
    private static let shareOfPeer = 0.8
    private static let residentBytesMax: UInt64 = 100 << 20

    let bench: Bench

    func rows() throws -> [Row] {
        let directory = try bench.volume.directory("acquire")
        let server = try RegistryServerProcess(bench.programs, over: directory, in: bench.workspace)
        let inspectors = server.forkServer.map { MemoryWatch(childrenOf: $0) }
        var rows = try rows(
            "GGUF", try ModelFile.gguf(at: directory + "/m.gguf", bytes: bench.scale.acquireBytes, seed: 1), server)
        try SmallFile.write([], to: directory + "/m.gguf")
        rows += try self.rows(
            "safetensors",
            try ModelFile.safetensors(at: directory + "/m.safetensors", bytes: bench.scale.acquireBytes, seed: 2),
            server)
        rows.append(.memory("RSS of the server then", limit: Self.residentBytesMax, server.residentBytesMax))
        if let (bytes, children) = inspectors?.end() {
            rows.append(.memory("RSS of the largest of \(children) inspectors", limit: Self.residentBytesMax, bytes))
        }
        try server.stop()
        return rows
    }

    /// Against a pass of SHA-256 by another program, and against one by the server itself.
    private func rows(_ format: String, _ model: ModelFile, _ server: RegistryServerProcess) throws -> [Row] {
        let clock = ContinuousClock()
        let filename = String(model.path.split(separator: "/").last ?? "")
        var (rounds, own) = (Rounds(), Rounds())
        for round in 0..<bench.scale.repeats {
            try model.alter(UInt64(round))
            let pass = try OpenSSL.hash([[model.path]], in: bench.workspace)
            let name = "\(format.lowercased())-\(round)"
            let body: JSONValue = [
                "name": .string(name), "filename": .string(filename), "sha256": .string(pass.digests.first ?? ""),
            ]
            let start = clock.now
            try server.post("/v1/model/acquire", json: body.encoded())
            let acquired = clock.now
            rounds.add(peer: pass.duration, ours: start.duration(to: acquired))
            try server.post("/v1/model/verify?name=\(name)")
            own.add(peer: acquired.duration(to: clock.now), ours: start.duration(to: acquired))
        }
        let what = "acquire of a \(format) of \(Quantity.bytes(model.sizeBytes)) (\(bench.volume.description))"
        return [
            .atLeast(Self.shareOfPeer, "\(what) against one openssl pass", rounds, bytes: model.sizeBytes),
            .atLeast(
                Self.shareOfPeer,
                "the same, inspection and hashes of all tensors included, against the server's own pass",
                own, bytes: model.sizeBytes),
        ]
    }
}
