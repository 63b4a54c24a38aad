import StrictJSON

/// Pulling by the OCI distribution protocol: a large file beside nginx, and many small answers.
struct PullSubject {
    private static let shareOfPeer = 1.0
    private static let encryptedShareOfPeer = 0.6
    private static let encryptedBytesMax: UInt64 = 64 << 20
    private static let processorShareMax = 1.3
    private static let answersPerSecond = 22_000.0
    private static let connections = 32

    let bench: Bench

    func rows() throws -> [Row] {
        let directory = try bench.volume.directory("pull")
        let server = try RegistryServerProcess(bench.programs, over: directory, in: bench.workspace)
        let path = directory + "/large.gguf"
        let model = try ModelFile.gguf(at: path, bytes: bench.scale.verifyFileBytes * 2, seed: 9)
        let large = try admit("large", path, server)
        let small = directory + "/small.gguf"
        let header = GGUFHeader.ofOneTensor(elements: 3_840, name: "small")
        try SmallFile.write(header + [UInt8](repeating: 1, count: 3_840), to: small)
        let tiny = try admit("small", small, server)
        var rows = try download(model, "/v2/large/blobs/sha256:\(large)", directory + "/trusted/large", server)
        let ours = [
            try answers("/v2/large/manifests/latest", server.port) { server.processorSeconds },
            try answers("/v2/small/blobs/sha256:\(tiny)", server.port) { server.processorSeconds },
        ]
        try server.stop()
        let peers = try peerAnswers()
        for (index, what) in ["GET manifest by tag", "GET blob of 4 KiB"].enumerated() {
            rows += Self.rows(what, ours[index], peers?[index])
        }
        rows += try encryptedDownload(model, "/v2/large/blobs/sha256:\(large)", directory)
        return rows
    }

    /// The same file under TLS. curl takes it from both, and trusts both blindly.
    private func encryptedDownload(_ model: ModelFile, _ path: String, _ directory: String) throws -> [Row] {
        guard FileServer.isInstalled else { return [] }
        let certificate = try ServerCertificate(in: bench.workspace)
        let peer = try FileServer(directory + "/trusted/large", certificate, in: bench.workspace)
        let server = try RegistryServerProcess(bench.programs, over: directory, certificate, in: bench.workspace)
        let size = Quantity.bytes(model.sizeBytes)
        var rows: [Row] = []
        for (version, flag) in [("HTTP/1.1", "--http1.1"), ("HTTP/2", "--http2")] {
            var rounds = Rounds()
            _ = try curl("https://127.0.0.1:\(server.port)\(path)", flag)
            for _ in 0..<bench.scale.repeats * 2 {
                rounds.add(
                    peer: try curl("https://127.0.0.1:\(peer.port)/large.gguf", flag),
                    ours: try curl("https://127.0.0.1:\(server.port)\(path)", flag))
            }
            let what = "pull of \(size) by TLS and \(version) against nginx"
            rows.append(.atLeast(Self.encryptedShareOfPeer, what, rounds, bytes: model.sizeBytes))
        }
        rows.append(
            .memory("RSS of the server then", limit: Self.encryptedBytesMax, server.residentBytesMax))
        try server.stop()
        return rows
    }

    private func curl(_ url: String, _ version: String) throws -> Duration {
        let clock = ContinuousClock()
        let start = clock.now
        let result = try ChildProcess.run(
            ["curl", "--silent", "--show-error", "--fail", "--insecure", version, "--output", "/dev/null", url])
        guard result.status == 0 else { throw BenchFault("curl ended with status \(result.status)") }
        return start.duration(to: clock.now)
    }

    /// - Returns: the digest.
    private func admit(_ name: String, _ path: String, _ server: RegistryServerProcess) throws -> String {
        guard let digest = try OpenSSL.hash([[path]], in: bench.workspace).digests.first else {
            throw BenchFault("openssl gave no digest")
        }
        let body: JSONValue = [
            "name": .string(name), "filename": .string(name + ".gguf"), "sha256": .string(digest),
        ]
        try server.post("/v1/promote", json: body.encoded())
        return digest
    }

    private func download(
        _ model: ModelFile, _ path: String, _ folder: String, _ server: RegistryServerProcess
    ) throws -> [Row] {
        let size = Quantity.bytes(model.sizeBytes)
        guard FileServer.isInstalled else { return [.notMeasured("pull of \(size)", "nginx is not installed")] }
        // The same file, so that both find the same bytes in memory.
        let peer = try FileServer(folder, in: bench.workspace)
        let requests = (
            peer: HTTPRequest.get("/large.gguf", port: peer.port), ours: HTTPRequest.get(path, port: server.port)
        )
        _ = try take(requests.peer, from: peer.port)
        var rounds = Rounds()
        var used = (peer: [Double](), ours: [Double]())
        for _ in 0..<bench.scale.repeats * 4 {
            let before = (peer: peer.processorSeconds, ours: server.processorSeconds)
            rounds.add(
                peer: try take(requests.peer, from: peer.port), ours: try take(requests.ours, from: server.port))
            used.peer.append(peer.processorSeconds - before.peer)
            used.ours.append(server.processorSeconds - before.ours)
        }
        let gibibytes = Double(model.sizeBytes) / Double(1 << 30)
        let processor = (peer: median(used.peer) / gibibytes, ours: median(used.ours) / gibibytes)
        return [
            .atLeast(Self.shareOfPeer, "pull of \(size) against nginx", rounds, bytes: model.sizeBytes),
            .atMost(
                Self.processorShareMax, "its CPU for each GiB",
                peer: (max(processor.peer, 0.005), "\(Quantity.fixed(processor.peer, 3)) s"),
                ours: (processor.ours, "\(Quantity.fixed(processor.ours, 3)) s")),
        ]
    }

    /// One download, whose bytes nobody looks at.
    private func take(_ request: HTTPRequest, from port: UInt16) throws -> Duration {
        let connection = try HTTPConnection(port: port)
        let clock = ContinuousClock()
        let start = clock.now
        try connection.send(request.bytes)
        var reader = HTTPResponseReader(keepsBody: false)
        while try !connection.receive(into: &reader) {}
        guard reader.status == 200 else { throw BenchFault("a download was answered \(reader.status)") }
        return start.duration(to: clock.now)
    }

    /// What one server made of many requests for one thing.
    private struct Answers {
        let rate: Double
        let processorMicroseconds: Double
        let shown: String
    }

    private func answers(
        _ path: String, _ port: UInt16, accepting mediaType: String? = nil, processorSeconds: () -> Double
    ) throws -> Answers {
        let load = LoadGenerator(port: port, connections: Self.connections)
        let request = HTTPRequest.get(path, port: port, accepting: mediaType)
        _ = try load.run(seconds: bench.scale.loadSeconds / 4) { request }
        let before = processorSeconds()
        let result = try load.run(seconds: bench.scale.loadSeconds) { request }
        let used = (processorSeconds() - before) / Double(max(1, result.latencies.count)) * 1e6
        let p99 = Quantity.milliseconds(result.latencies.quantile(0.99))
        let shown = "\(Quantity.rate(result.rate)), \(Quantity.fixed(used, 0)) µs CPU, p99 \(p99)"
        return Answers(rate: result.rate, processorMicroseconds: used, shown: shown)
    }

    /// A manifest and a blob of the same sizes from Debian's docker-registry, which asks nobody whether it may.
    private func peerAnswers() throws -> [Answers]? {
        guard DockerRegistry.isInstalled else { return nil }
        let peer = try DockerRegistry(try bench.workspace.directory("pull-peer"), in: bench.workspace)
        let layer = try PushClient(port: peer.port).pushImage(1, layerBytes: 4_096, to: "small")
        return [
            // It finds no manifest for who does not say that it reads one.
            try answers("/v2/small/manifests/t1", peer.port, accepting: PushClient.mediaType) { peer.processorSeconds },
            try answers("/v2/small/blobs/\(layer)", peer.port) { peer.processorSeconds },
        ]
    }

    private static func rows(_ what: String, _ ours: Answers, _ peer: Answers?) -> [Row] {
        let limit = (answersPerSecond, Quantity.rate(answersPerSecond))
        let rate = Row.atLeast(1, what, peer: limit, ours: (ours.rate, ours.shown))
        guard let peer else { return [rate] }
        let share = ours.processorMicroseconds / peer.processorMicroseconds
        let compared = Row(
            what: "its CPU against docker-registry", peer: peer.shown, ours: ours.shown, ratio: share, target: "",
            verdict: .shown)
        return [rate, compared]
    }
}
