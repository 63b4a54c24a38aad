import Glibc

/// The peer of everything that is pushed: Debian's docker-registry, over files, without a log of requests.
final class DockerRegistry {
    let port: UInt16
    private let process: ChildProcess

    private static let program = "/usr/bin/docker-registry"
    static let isInstalled = access(program, X_OK) == 0

    /// Keeps everything in a folder.
    init(_ folder: String, in workspace: Workspace) throws(BenchFault) {
        port = try LocalPort.free()
        let configuration = workspace.path + "/docker-registry.yml"
        let text = """
            version: 0.1
            log: {level: error, accesslog: {disabled: true}}
            storage:
              filesystem: {rootdirectory: \(folder)}
              cache: {blobdescriptor: inmemory}
            http: {addr: "127.0.0.1:\(port)"}

            """
        try SmallFile.write(Array(text.utf8), to: configuration)
        process = try ChildProcess(
            [Self.program, "serve", configuration], output: .discarded,
            errors: workspace.path + "/docker-registry.log")
        for _ in 0..<5_000 {
            if (try? HTTPConnection(port: port)) != nil { return }
            usleep(1_000)
        }
        process.send(SIGKILL)
        process.wait()
        throw BenchFault("docker-registry does not listen: see \(workspace.path)/docker-registry.log")
    }

    deinit {
        process.send(SIGKILL)
        process.wait()
    }

    var processorSeconds: Double { ProcessStatus.processorSeconds(process.identifier) }
    var residentBytesMax: UInt64? { ProcessStatus.residentBytesMax(process.identifier) }
}
