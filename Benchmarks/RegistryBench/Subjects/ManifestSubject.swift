import Glibc

/// The client's per-tensor manifest of a GGUF file.
struct ManifestSubject {
    /// What the existing tool reaches at best on such a machine: it hashes one tensor after another, without the
    /// processor's instructions for it.
    private static let toolBytesPerSecond = 0.65e9
    private static let residentBytesMax: UInt64 = 64 << 20

    let bench: Bench

    func rows() throws -> [Row] {
        guard let securectl = bench.programs.securectl else {
            return [.notMeasured("GGUF manifest", "securectl is not there")]
        }
        let path = bench.volume.path + "/manifest.gguf"
        let model = try ModelFile.gguf(at: path, bytes: bench.scale.manifestBytes, seed: 3)
        let clock = ContinuousClock()
        var rounds = Rounds()
        let memory = MemoryWatch(childrenOf: getpid(), running: "securectl", every: 20)
        for _ in 0..<max(2, bench.scale.repeats) {
            let peer = try OpenSSL.hash([[path]], in: bench.workspace).duration
            let start = clock.now
            let result = try ChildProcess.run(
                [securectl, "gguf", "manifest", path, "--quiet"], output: .file(bench.workspace.path + "/manifest"))
            rounds.add(peer: peer, ours: start.duration(to: clock.now))
            guard result.status == 0 else { throw BenchFault("securectl gguf manifest ended with \(result.status)") }
        }
        let what = "GGUF manifest of \(Quantity.bytes(model.sizeBytes))"
        return [
            .atLeast(
                2, "\(what) against the existing tool at best",
                peer: (Self.toolBytesPerSecond, Quantity.bytesPerSecond(Self.toolBytesPerSecond)),
                ours: (rounds.rate(model.sizeBytes), rounds.rates(model.sizeBytes).ours)),
            .shown("the same against one openssl pass over the file", rounds, bytes: model.sizeBytes),
            .memory("RSS of the process", limit: Self.residentBytesMax, memory.end().bytes),
        ]
    }
}
