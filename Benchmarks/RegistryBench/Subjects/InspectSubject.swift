import Glibc

/// The client's inspection of files that take inspectors long, and the statistics of weights.
struct InspectSubject {
    private static let secondsMax = 1.0
    private static let residentBytesMax: UInt64 = 64 << 20
    /// What a torch archive may take beyond one pass of SHA-256.
    private static let secondsBeyondHash = 0.3
    /// Five times what the existing tool reaches.
    private static let weightBytesPerSecond = 0.55e9

    let bench: Bench

    func rows() throws -> [Row] {
        guard let securectl = bench.programs.securectl else {
            return [.notMeasured("inspection", "securectl is not there")]
        }
        let directory = try bench.workspace.directory("inspect")
        var rows: [Row] = []
        for file in InspectedFile.allCases {
            let path = directory + "/" + file.name
            try SmallFile.write(file.bytes(), to: path)
            rows += try timed(file.what, [securectl, "inspect", "--quiet", path])
        }
        rows += try torch(securectl, directory + "/torch.pt")
        return rows + [try weights(securectl, directory + "/weights.gguf")]
    }

    /// How long it takes, and the memory of whichever process had the most.
    private func timed(_ what: String, _ command: [String]) throws -> [Row] {
        let memory = MemoryWatch(descendantsOf: getpid(), running: "securectl", every: 10)
        let seconds = try median((0..<bench.scale.repeats).map { _ in try run(command) })
        let limit = Self.secondsMax
        return [
            .atMost(
                1, "inspection of \(what)", peer: (limit, "\(Quantity.fixed(limit, 1)) s"),
                ours: (seconds, "\(Quantity.fixed(seconds, 2)) s")),
            .memory("RSS of the largest process", limit: Self.residentBytesMax, memory.end().bytes),
        ]
    }

    /// - Returns: seconds. Whatever the verdict is, there has to be one.
    private func run(_ command: [String]) throws -> Double {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try ChildProcess.run(command, output: .discarded)
        guard [0, 10, 11, 12].contains(result.status) else {
            throw BenchFault("securectl inspect ended with \(result.status)")
        }
        return start.duration(to: clock.now) / .seconds(1)
    }

    private func torch(_ securectl: String, _ path: String) throws -> [Row] {
        try SmallFile.write(InspectedFile.torchArchive(tensors: 400), to: path)
        var peer: [Double] = []
        var ours: [Double] = []
        for _ in 0..<bench.scale.repeats {
            peer.append(try OpenSSL.hash([[path]], in: bench.workspace).duration / .seconds(1))
            ours.append(try run([securectl, "inspect", "--quiet", path]))
        }
        let (limit, seconds) = (median(peer) + Self.secondsBeyondHash, median(ours))
        return [
            .atMost(
                1, "inspection of a torch archive of 100 MB with 400 tensors",
                peer: (limit, "openssl and 0.3 s: \(Quantity.fixed(limit, 2)) s"),
                ours: (seconds, "\(Quantity.fixed(seconds, 2)) s"))
        ]
    }

    private func weights(_ securectl: String, _ path: String) throws -> Row {
        let model = try ModelFile.weights(at: path, bytes: bench.scale.manifestBytes)
        let seconds = try median(
            (0..<bench.scale.repeats).map { _ in try run([securectl, "inspect", "--quiet", "--weights", path]) })
        let rate = Double(model.sizeBytes) / seconds
        let limit = Self.weightBytesPerSecond
        return .atLeast(
            1, "statistics of all weights of a GGUF of \(Quantity.bytes(model.sizeBytes))",
            peer: (limit, Quantity.bytesPerSecond(limit)), ours: (rate, Quantity.bytesPerSecond(rate)))
    }
}
