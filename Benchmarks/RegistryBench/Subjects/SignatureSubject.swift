import Foundation
import Glibc
import Sigstore

/// Verifying bundles: in a process that is warm, in one that starts for it, and what is too much of something.
struct SignatureSubject {
    private static let warmMillisecondsMax = 2.0
    private static let coldMillisecondsMax = 40.0
    private static let refusalMillisecondsMax = 50.0
    private static let refusalBytesMax: UInt64 = 32 << 20
    private static let warmRuns = 500
    private static let coldRuns = 21

    private static let identity = "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"
    private static let issuer = "https://token.actions.githubusercontent.com"

    let bench: Bench

    private var files: String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Examples/signatures")
            .standardizedFileURL.path
    }

    func rows() throws -> [Row] {
        guard let securectl = bench.programs.securectl else {
            return [.notMeasured("signatures", "securectl is not there")]
        }
        let warm = try warmMilliseconds()
        let cold = try milliseconds(command(securectl, bundle: files + "/manifest.sigstore.json"), status: 0)
        var rows = [
            time("a keyless bundle in a warm process", Self.warmMillisecondsMax, warm),
            time("a keyless bundle by a securectl that starts for it", Self.coldMillisecondsMax, cold),
        ]
        let directory = try bench.workspace.directory("signatures")
        for (what, bytes) in Self.refused {
            let path = directory + "/bundle.json"
            try SmallFile.write(bytes(), to: path)
            rows += try refusal(what, command(securectl, bundle: path))
        }
        return rows
    }

    private func time(_ what: String, _ limit: Double, _ value: Double) -> Row {
        .atMost(1, what, peer: (limit, Quantity.milliseconds(limit)), ours: (value, Quantity.milliseconds(value)))
    }

    /// Reading the bundle and all of its verification, with a root that is read already.
    private func warmMilliseconds() throws -> Double {
        func read(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: "\(files)/\(name)"))) }
        let verifier = BundleVerifier(root: try TrustedRoot(parsing: try read("trusted_root.json")))
        let (bundle, artifact) = (try read("manifest.sigstore.json"), Artifact(bytes: try read("manifest.json")))
        let policy = VerificationPolicy(signer: .identity(.exactly(Self.identity), issuer: .exactly(Self.issuer)))
        let clock = ContinuousClock()
        let times = try (0..<Self.warmRuns).map { _ in
            let start = clock.now
            _ = try verifier.verify(try UnverifiedBundle(parsing: bundle), of: artifact, by: policy)
            return start.duration(to: clock.now) / .milliseconds(1)
        }
        return median(times)
    }

    private func command(_ securectl: String, bundle: String) -> [String] {
        [
            securectl, "verify", files + "/manifest.json", "--bundle", bundle, "--trusted-root",
            files + "/trusted_root.json", "--certificate-identity", Self.identity, "--certificate-oidc-issuer",
            Self.issuer,
        ]
    }

    private func milliseconds(_ command: [String], status: Int32) throws -> Double {
        let clock = ContinuousClock()
        let times = try (0..<Self.coldRuns).map { _ in
            let start = clock.now
            let result = try ChildProcess.run(command, output: .discarded)
            guard result.status == status else { throw BenchFault("securectl verify ended with \(result.status)") }
            return start.duration(to: clock.now) / .milliseconds(1)
        }
        return median(times)
    }

    private func refusal(_ what: String, _ command: [String]) throws -> [Row] {
        let elapsed = try milliseconds(command, status: 11)
        let memory = MemoryWatch(descendantsOf: getpid(), running: "securectl", every: 1)
        _ = try milliseconds(command, status: 11)
        return [
            time("refusal of \(what)", Self.refusalMillisecondsMax, elapsed),
            .memory("RSS of the process", limit: Self.refusalBytesMax, memory.end().bytes),
        ]
    }

    private static let refused: [(String, @Sendable () -> [UInt8])] = [
        ("a bundle of 128 MiB", { [UInt8](repeating: UInt8(ascii: " "), count: 128 << 20) }),
        (
            "1,000 signatures in an envelope",
            { bundle(#""certificate":{"rawBytes":"AAAA"}"#, "[\(list(#"{"sig":"\#(text(96))"}"#))]") }
        ),
        (
            "a chain of 1,000 certificates",
            { bundle(#""x509CertificateChain":{"certificates":[\#(list(#"{"rawBytes":"\#(text(1_600))"}"#))]}"#, "[]") }
        ),
    ]

    private static func text(_ count: Int) -> String { String(repeating: "A", count: count) }

    private static func list(_ element: String) -> String {
        Array(repeating: element, count: 1_000).joined(separator: ",")
    }

    private static func bundle(_ material: String, _ signatures: String) -> [UInt8] {
        let envelope = #"{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":\#(signatures)}"#
        let mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"
        let material = #""verificationMaterial":{\#(material)}"#
        return Array(#"{"mediaType":"\#(mediaType)",\#(material),"dsseEnvelope":\#(envelope)}"#.utf8)
    }
}
