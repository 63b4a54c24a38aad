import RegistryCore
import TransparencyLog

/// What a verification summary costs: the registry, which signs one whenever it is asked, and whoever verifies it.
struct SummarySubject {
    /// As for a keyless bundle, which is verified by more steps.
    private static let warmMillisecondsMax = 2.0
    private static let coldMillisecondsMax = 40.0
    private static let askedMax = 500
    private static let warmRuns = 500
    private static let coldRuns = 21

    private static let name = "model-1"

    let bench: Bench

    func rows() throws -> [Row] {
        guard let securectl = bench.programs.securectl else {
            return [.notMeasured("summaries", "securectl is not there")]
        }
        let directory = try bench.workspace.directory("summaries")
        let server = try RegistryServerProcess(bench.programs, over: directory, in: bench.workspace)
        let model = try promote(on: server)
        let (summary, key) = (try get("/v1/model/\(Self.name)/vsa", server), try get("/log/key", server))
        let paths = (summary: directory + "/vsa.json", key: directory + "/key", log: directory + "/log")
        try SmallFile.write(summary, to: paths.summary)
        try SmallFile.write(key, to: paths.key)
        // What is remembered of the log stays here, too.
        let save = [
            "env", "HOME=\(directory)", securectl, "log", "save", paths.log, "--server",
            "http://127.0.0.1:\(server.port)",
        ]
        guard try ChildProcess.run(save, output: .discarded).status == 0 else {
            throw BenchFault("the log could not be saved")
        }
        let command = [
            securectl, "verify", model, "--vsa", paths.summary, "--log", paths.log, "--key", paths.key,
        ]
        let cold = try Self.median(Self.coldRuns) {
            guard try ChildProcess.run(command, output: .discarded).status == 0 else {
                throw BenchFault("securectl verify refused the summary")
            }
        }
        let made = try made(by: server)
        try server.stop()
        return [
            row("a summary is made and answered, by one connection", Self.warmMillisecondsMax, made),
            row("a summary in a warm process, without its log", Self.warmMillisecondsMax, try warm(summary, key)),
            row("a summary and its log by a securectl that starts for it", Self.coldMillisecondsMax, cold),
        ]
    }

    private func row(_ what: String, _ limit: Double, _ value: Double) -> Row {
        .atMost(1, what, peer: (limit, Quantity.milliseconds(limit)), ours: (value, Quantity.milliseconds(value)))
    }

    /// A tiny model, admitted among others, so that its entry has a place in a tree.
    ///
    /// - Returns: its path.
    private func promote(on server: RegistryServerProcess) throws -> String {
        for number in 0..<100 {
            let bytes = Array("# Model \(number)\n".utf8)
            try SmallFile.write(bytes, to: "\(server.directory)/model-\(number).md")
            let digest = PushClient.digest(bytes).dropFirst("sha256:".count)
            let body = #"{"name":"model-\#(number)","filename":"model-\#(number).md","sha256":"\#(digest)"}"#
            try server.post("/v1/model/acquire", json: Array(body.utf8))
            try server.post("/v1/model/promote", json: Array("{\"name\":\"model-\(number)\"}".utf8))
        }
        server.settle()
        return "\(server.directory)/\(Self.name).md"
    }

    private func get(_ path: String, _ server: RegistryServerProcess) throws -> [UInt8] {
        let answer = try HTTPConnection(port: server.port).exchange(.get(path, port: server.port))
        guard answer.status == 200 else { throw BenchFault("\(path) answered \(answer.status)") }
        return answer.body
    }

    private func made(by server: RegistryServerProcess) throws -> Double {
        let connection = try HTTPConnection(port: server.port)
        let request = HTTPRequest.get("/v1/model/\(Self.name)/vsa", port: server.port)
        return try Self.median(Self.askedMax) {
            guard try connection.exchange(request).status == 200 else { throw BenchFault("a summary was refused") }
        }
    }

    private func warm(_ summary: [UInt8], _ key: [UInt8]) throws -> Double {
        guard let key = NoteVerifier(vkey: String(decoding: key, as: UTF8.self).filter { $0 != "\n" }) else {
            throw BenchFault("the log's key cannot be read")
        }
        return try Self.median(Self.warmRuns) { _ = try VerifiedSummary(opening: summary, key: key) }
    }

    private static func median(_ count: Int, _ work: () throws -> Void) throws -> Double {
        let clock = ContinuousClock()
        var times: [Double] = []
        for _ in 0..<count {
            let start = clock.now
            try work()
            times.append(start.duration(to: clock.now) / .milliseconds(1))
        }
        return times.sorted()[count / 2]
    }
}
