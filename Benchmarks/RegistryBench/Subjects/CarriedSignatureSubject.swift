import Foundation
import Glibc

/// A manifest in a registry with more signatures than are looked at: what it takes to refuse it.
struct CarriedSignatureSubject {
    private static let millisecondsMax = 50.0
    private static let bytesMax: UInt64 = 32 << 20
    private static let count = 1_000
    private static let runs = 21
    /// The exit status for what could not be checked.
    private static let unchecked: Int32 = 12

    private static let bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"
    private static let repository = "team/signed"

    let bench: Bench

    func rows() throws -> [Row] {
        guard let securectl = bench.programs.securectl else {
            return [.notMeasured("carried", "securectl is not there")]
        }
        // Where nobody promotes anything, a verifier reads what was pushed.
        let credentials = bench.workspace.path + "/open-repositories.yaml"
        try SmallFile.write(
            Array("version: 1\nopen_repositories: [team/*]\n".utf8), to: credentials, permissions: 0o600)
        let server = try RegistryServerProcess(
            bench.programs, over: try bench.workspace.directory("carried"), in: bench.workspace,
            settings: ["credentials_path=\(credentials)"])
        try push(to: server)
        let root = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../../Examples/signatures/trusted_root.json").standardizedFileURL.path
        let command = [
            securectl, "verify", "oci://127.0.0.1:\(server.port)/\(Self.repository):v1", "--trusted-root",
            root, "--certificate-identity", "https://example.com/somebody",
            "--certificate-oidc-issuer", "https://example.com",
        ]
        let elapsed = try milliseconds(command)
        let memory = MemoryWatch(descendantsOf: getpid(), running: "securectl", every: 1)
        _ = try milliseconds(command)
        let resident = memory.end().bytes
        try server.stop()
        let limit = Self.millisecondsMax
        return [
            .atMost(
                1, "refusal of 1,000 signatures beside a manifest in a registry",
                peer: (limit, Quantity.milliseconds(limit)), ours: (elapsed, Quantity.milliseconds(elapsed))),
            .memory("RSS of the process", limit: Self.bytesMax, resident),
        ]
    }

    private func milliseconds(_ command: [String]) throws -> Double {
        let clock = ContinuousClock()
        var times: [Double] = []
        for _ in 0..<Self.runs {
            let start = clock.now
            let result = try ChildProcess.run(command, output: .discarded, errors: bench.workspace.path + "/refusals")
            guard result.status == Self.unchecked else {
                throw BenchFault("securectl verify ended with \(result.status)")
            }
            times.append(start.duration(to: clock.now) / .milliseconds(1))
        }
        return times.sorted()[Self.runs / 2]
    }

    /// An artifact, and manifests that say that they sign it, each with a bundle of its own.
    private func push(to server: RegistryServerProcess) throws {
        let client = try PushClient(port: server.port)
        try client.push(Self.config, to: Self.repository)
        let subject = try push("weights", "application/vnd.acme.model", "", by: client, as: "v1")
        let about = """
            ,"subject":{"mediaType":"\(PushClient.mediaType)","digest":"\(PushClient.digest(subject))",\
            "size":\(subject.count)},"annotations":{"dev.sigstore.bundle.content":"dsse-envelope",\
            "dev.sigstore.bundle.predicateType":"https://sigstore.dev/cosign/sign/v1"}
            """
        for number in 0..<Self.count {
            _ = try push("{\"number\":\(number)}", Self.bundleType, about, by: client, as: nil)
        }
    }

    /// - Parameter more: further members.
    /// - Returns: the manifest.
    private func push(
        _ content: String, _ type: String, _ more: String, by client: PushClient, as tag: String?
    ) throws -> [UInt8] {
        let blob = Array(content.utf8)
        try client.push(blob, to: Self.repository)
        let manifest = Array(
            """
            {"schemaVersion":2,"mediaType":"\(PushClient.mediaType)","artifactType":"\(type)","config":{"mediaType":\
            "application/vnd.oci.empty.v1+json","digest":"\(PushClient.digest(Self.config))","size":2},"layers":\
            [{"mediaType":"\(type)","digest":"\(PushClient.digest(blob))","size":\(blob.count)}]\(more)}
            """.utf8)
        let reference = tag ?? PushClient.digest(manifest)
        try client.put(manifest, PushClient.mediaType, at: "\(Self.repository)/manifests/\(reference)")
        return manifest
    }

    private static let config = Array("{}".utf8)
}
