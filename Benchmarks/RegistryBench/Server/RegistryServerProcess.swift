import Glibc

/// A server that runs for a measurement.
final class RegistryServerProcess {
    static let token = "benchmark-token-0123456789abcdef-benchmark"

    let directory: String
    let port: UInt16
    private let process: ChildProcess
    /// From the start of the process until it answered that it is ready.
    private(set) var timeToReady = Duration.zero

    /// Starts a server over a registry's directory and waits until it is ready; under TLS, until it listens.
    ///
    /// - Parameter settings: more of them, as `name=value`.
    init(
        _ programs: Programs, over directory: String, _ certificate: ServerCertificate? = nil, in workspace: Workspace,
        settings: [String] = []
    ) throws(BenchFault) {
        self.directory = directory
        port = try LocalPort.free()
        let tokenPath = workspace.path + "/token"
        try SmallFile.write(Array(Self.token.utf8), to: tokenPath, permissions: 0o600)
        let clock = ContinuousClock()
        let start = clock.now
        process = try ChildProcess(
            [
                programs.pratique, "serve", "--registry-dir", directory, "--service-token-path", tokenPath,
                "--bind-addr", "127.0.0.1:\(port)", "--set", "log_level=warning",
                "--set", "integrity_interval_seconds=0",
                "--set", "integrity_result_path=\(workspace.path)/integrity.json",
                "--set", "registry_lock_path=\(workspace.path)/no-boot-lock",
                "--set", "tls_certificate_path=\(certificate?.path ?? "")",
                "--set", "tls_key_path=\(certificate?.keyPath ?? "")",
            ] + settings.flatMap { ["--set", $0] }, output: .discarded, errors: workspace.path + "/server.log")
        let request = HTTPRequest.get("/readyz", port: port)
        while true {
            if certificate != nil, (try? HTTPConnection(port: port)) != nil { break }
            if let answer = try? HTTPConnection(port: port).exchange(request), answer.status == 200 { break }
            guard start.duration(to: clock.now) < .seconds(60), kill(process.identifier, 0) == 0 else {
                process.send(SIGKILL)
                process.wait()
                throw BenchFault("the server is not ready after a minute: see \(workspace.path)/server.log")
            }
            usleep(1_000)
        }
        timeToReady = start.duration(to: clock.now)
    }

    deinit {
        process.send(SIGKILL)
        process.wait()
    }

    var residentBytesMax: UInt64? { ProcessStatus.residentBytesMax(process.identifier) }
    var residentBytes: UInt64? { ProcessStatus.residentBytes(process.identifier) }
    var processorSeconds: Double { ProcessStatus.processorSeconds(process.identifier) }

    /// The process that starts inspectors: the server's only child.
    var forkServer: pid_t? { ProcessStatus.children(of: process.identifier).first }

    /// Waits until it has done what it does after a start, so that this is not measured with what follows.
    func settle() {
        var before = processorSeconds
        for _ in 0..<120 {
            usleep(500_000)
            let now = processorSeconds
            if now - before < 0.02 { return }
            before = now
        }
    }

    /// Ends it as a service manager does.
    func stop() throws(BenchFault) {
        process.send(SIGTERM)
        let result = process.wait()
        guard result.status == 0 else { throw BenchFault("the server ended with status \(result.status)") }
    }

    /// Ends it as a power cut does.
    func killNow() {
        process.send(SIGKILL)
        process.wait()
    }

    /// Posts a document and expects success.
    @discardableResult
    func post(_ path: String, json: [UInt8] = []) throws(BenchFault) -> [UInt8] {
        let request = HTTPRequest.post(path, json: json, token: Self.token, port: port)
        let (status, body) = try HTTPConnection(port: port).exchange(request)
        guard (200..<300).contains(status) else {
            throw BenchFault("\(path) answered \(status): \(String(decoding: body.prefix(600), as: UTF8.self))")
        }
        return body
    }
}
