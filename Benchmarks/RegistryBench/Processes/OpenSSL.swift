import Glibc

/// The peer of everything that hashes: `openssl dgst -sha256`.
enum OpenSSL {
    struct Pass {
        var duration: Duration
        /// Lower-case hexadecimal, in the order of the files.
        var digests: [String]
    }

    /// Hashes groups of files, one process for each group, all at once.
    static func hash(_ groups: [[String]], in workspace: Workspace) throws(BenchFault) -> Pass {
        let clock = ContinuousClock()
        let start = clock.now
        var processes: [(ChildProcess, String)] = []
        for (number, files) in groups.enumerated() {
            let output = "\(workspace.path)/openssl-\(number)"
            processes.append(
                (try ChildProcess(["openssl", "dgst", "-sha256", "-r"] + files, output: .file(output)), output))
        }
        let results = processes.map { $0.0.wait() }
        let duration = start.duration(to: clock.now)
        guard results.allSatisfy({ $0.status == 0 }) else { throw BenchFault("openssl dgst failed") }
        let digests = processes.flatMap { _, output in
            String(decoding: SystemFile.read(output) ?? [], as: UTF8.self).split(separator: "\n").map {
                String($0.prefix(64))
            }
        }
        return Pass(duration: duration, digests: digests)
    }
}
