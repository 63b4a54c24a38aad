import Foundation
import Synchronization

/// Pushing by the OCI distribution protocol: a large blob in one request, and many small images, beside Debian's
/// docker-registry where that is installed.
struct PushSubject {
    private static let bytesPerSecond = 0.56e9
    private static let processorSecondsMax = 1.6
    private static let residentBytesMax: UInt64 = 48 << 20
    private static let imagesPerSecond = 700.0
    private static let layerBytes = 1_024

    let bench: Bench

    func rows() throws -> [Row] {
        // Not on the volume: a file system in a file writes everything twice, whoever pushes.
        let directory = try bench.workspace.directory("push")
        defer { _ = try? ChildProcess.run(["/bin/rm", "-rf", directory]) }
        let peer =
            DockerRegistry.isInstalled
            ? try DockerRegistry(try bench.workspace.directory("push/peer"), in: bench.workspace) : nil
        let server = try RegistryServerProcess(
            bench.programs, over: try bench.workspace.directory("push/ours"), in: bench.workspace)
        var rows = try large(directory + "/large.gguf", server, peer)
        for connections in [1, 8] { rows += try images(connections, server, peer) }
        try server.stop()
        return rows
    }

    private func large(_ path: String, _ server: RegistryServerProcess, _ peer: DockerRegistry?) throws -> [Row] {
        let model = try ModelFile.gguf(at: path, bytes: bench.scale.verifyFileBytes * 2, seed: 11)
        let size = Quantity.bytes(model.sizeBytes)
        var rounds = Rounds()
        var used: [Double] = []
        for round in 0..<bench.scale.repeats {
            // Bytes that neither has, and that are in memory.
            try model.alter(UInt64(round))
            guard let digest = try OpenSSL.hash([[path]], in: bench.workspace).digests.first else {
                throw BenchFault("openssl gave no digest")
            }
            func push(to port: UInt16) throws -> Duration {
                try PushClient(port: port).push(
                    path, sizeBytes: model.sizeBytes, digest: "sha256:" + digest, to: "team/large")
            }
            let theirs = try peer.map { try push(to: $0.port) }
            let before = server.processorSeconds
            let ours = try push(to: server.port)
            used.append(server.processorSeconds - before)
            rounds.add(peer: theirs ?? ours, ours: ours)
        }
        let rate = rounds.rate(model.sizeBytes)
        let processor = median(used) / (Double(model.sizeBytes) / Double(1 << 30))
        var rows: [Row] = [
            .atLeast(
                1, "push of \(size) in one PUT, durable",
                peer: (Self.bytesPerSecond, Quantity.bytesPerSecond(Self.bytesPerSecond)),
                ours: (rate, Quantity.bytesPerSecond(rate))),
            .atMost(
                1, "its CPU for each GiB",
                peer: (Self.processorSecondsMax, "\(Quantity.fixed(Self.processorSecondsMax, 2)) s"),
                ours: (processor, "\(Quantity.fixed(processor, 2)) s")),
            .memory("RSS of the server then", limit: Self.residentBytesMax, server.residentBytesMax),
        ]
        if peer != nil { rows.append(.shown("the same push against docker-registry", rounds, bytes: model.sizeBytes)) }
        return rows
    }

    private func images(
        _ connections: Int, _ server: RegistryServerProcess, _ peer: DockerRegistry?
    ) throws -> [Row] {
        let what = "images of two small blobs by \(connections) connection\(connections == 1 ? "" : "s")"
        let theirs = try peer.map { try load(connections, $0.port) }
        let before = server.processorSeconds
        let (rate, count) = try load(connections, server.port)
        let used = (server.processorSeconds - before) / Double(max(1, count)) * 1e3
        let ours = (rate, "\(Quantity.rate(rate)), \(Quantity.fixed(used, 2)) ms CPU")
        var rows: [Row] = []
        if connections == 8 {
            rows.append(
                .atLeast(1, what, peer: (Self.imagesPerSecond, Quantity.rate(Self.imagesPerSecond)), ours: ours))
        }
        if let theirs {
            rows.append(
                Row(
                    what: what + ", against docker-registry", peer: Quantity.rate(theirs.rate), ours: ours.1,
                    ratio: rate / theirs.rate, target: "", verdict: .shown))
        } else if connections == 1 {
            rows.append(Row(what: what, peer: "", ours: ours.1, ratio: nil, target: "", verdict: .shown))
        }
        return rows
    }

    /// Each connection has a thread and a repository of its own.
    ///
    /// - Returns: images a second, and how many there were.
    private func load(_ connections: Int, _ port: UInt16) throws -> (rate: Double, count: Int) {
        let clock = ContinuousClock()
        let start = clock.now
        let deadline = start + .seconds(bench.scale.loadSeconds)
        let results = Mutex<[Result<Int, any Error>]>([])
        let ended = DispatchGroup()
        for connection in 0..<connections {
            ended.enter()
            Thread.detachNewThread {
                let result = Result { () throws -> Int in
                    let client = try PushClient(port: port)
                    var count = 0
                    while clock.now < deadline {
                        let number = (connections * 100 + connection) * 1_000_000 + count
                        try client.pushImage(number, layerBytes: Self.layerBytes, to: "team/small-\(connection)")
                        count += 1
                    }
                    return count
                }
                results.withLock { $0.append(result) }
                ended.leave()
            }
        }
        ended.wait()
        let seconds = start.duration(to: clock.now) / .seconds(1)
        let count = try results.withLock { $0 }.reduce(0) { try $0 + $1.get() }
        return (Double(count) / seconds, count)
    }
}
