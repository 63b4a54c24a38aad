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
        var rows = [
            try row(
                "GGUF", try ModelFile.gguf(at: directory + "/m.gguf", bytes: bench.scale.acquireBytes, seed: 1), server)
        ]
        try SmallFile.write([], to: directory + "/m.gguf")
        rows.append(
            try row(
                "safetensors",
                try ModelFile.safetensors(at: directory + "/m.safetensors", bytes: bench.scale.acquireBytes, seed: 2),
                server))
        rows.append(.memory("RSS of the server then", limit: Self.residentBytesMax, server.residentBytesMax))
        if let (bytes, children) = inspectors?.end() {
            rows.append(.memory("RSS of the largest of \(children) inspectors", limit: Self.residentBytesMax, bytes))
        }
        try server.stop()
        return rows
    }

    private func row(_ format: String, _ model: ModelFile, _ server: RegistryServerProcess) throws -> Row {
        let clock = ContinuousClock()
        let filename = String(model.path.split(separator: "/").last ?? "")
        var rounds = Rounds()
        for round in 0..<bench.scale.repeats {
            try model.alter(UInt64(round))
            let pass = try OpenSSL.hash([[model.path]], in: bench.workspace)
            let name = "\(format.lowercased())-\(round)"
            let body: JSONValue = [
                "name": .string(name), "filename": .string(filename), "sha256": .string(pass.digests.first ?? ""),
            ]
            let start = clock.now
            try server.post("/v1/model/acquire", json: body.encoded())
            rounds.add(peer: pass.duration, ours: start.duration(to: clock.now))
        }
        let size = Quantity.bytes(model.sizeBytes)
        return .atLeast(
            Self.shareOfPeer,
            "acquire of a \(format) of \(size) (\(bench.volume.description)) against one openssl pass",
            rounds, bytes: model.sizeBytes)
    }
}
