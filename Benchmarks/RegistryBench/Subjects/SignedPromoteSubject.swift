import Crypto
import Foundation
import StrictJSON

/// What a keyless bundle costs where an artifact is promoted: under a policy that asks for it, against the same policy
/// without that, and without a bundle.
///
/// The artifact goes to quarantine and back again and again, so that nothing but the decision is measured and what is
/// made durable with it.
struct SignedPromoteSubject {
    private static let ratioMax = 3.0
    private static let warmUp = 10
    /// Of the rounds that others have: of 200 values two at random are above the p99.
    private static let roundsFactor = 5

    let bench: Bench

    private var examples: String {
        URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../Examples")
            .standardizedFileURL.path
    }

    func rows() throws -> [Row] {
        let signed = try server("signed", policy: "\(examples)/policies/signed.yaml")
        try attach(to: signed)
        let text = try String(contentsOfFile: "\(examples)/policies/signed.yaml", encoding: .utf8)
        let unsigned = try server("unsigned", policy: try withoutVerification(text))
        var latencies = (signed: Latencies(), unsigned: Latencies())
        for round in 0..<bench.scale.promotesInTurn * Self.roundsFactor + Self.warmUp {
            // In turn, so that whatever else the machine does meets both of them alike.
            let (first, second) = (try promote(signed), try promote(unsigned))
            guard round >= Self.warmUp else { continue }
            latencies.signed.add(first)
            latencies.unsigned.add(second)
        }
        try signed.stop()
        try unsigned.stop()
        func row(_ part: Double, _ name: String) -> Row {
            let (ours, peer) = (latencies.signed.quantile(part), latencies.unsigned.quantile(part))
            return .atMost(
                Self.ratioMax, "promote with a keyless bundle against one without, \(name)",
                peer: (peer, Quantity.milliseconds(peer)), ours: (ours, Quantity.milliseconds(ours)))
        }
        return [row(0.5, "median"), row(0.99, "p99")]
    }

    private func withoutVerification(_ text: String) throws -> String {
        guard let start = text.range(of: "verification:\n"), let end = text.range(of: "on_recheck_failure:") else {
            throw BenchFault("the policy of the examples is another one")
        }
        let path = try bench.workspace.directory("policies") + "/unsigned.yaml"
        try SmallFile.write(Array((text[..<start.lowerBound] + text[end.lowerBound...]).utf8), to: path)
        return path
    }

    /// A server with the artifact whose signature lies among the examples.
    private func server(_ name: String, policy: String) throws -> RegistryServerProcess {
        let directory = try bench.workspace.directory("promote-\(name)")
        let server = try RegistryServerProcess(
            bench.programs, over: directory, in: bench.workspace,
            settings: ["policy_path=\(policy)", "trusted_root_path=\(examples)/signatures/trusted_root.json"])
        let bytes = Array(try Data(contentsOf: URL(filePath: "\(examples)/signatures/manifest.json")))
        try SmallFile.write(bytes, to: "\(directory)/manifest.json")
        let body: JSONValue = [
            "name": .string(Self.name), "filename": "manifest.json",
            "sha256": .string(SHA256.hash(data: bytes).hexadecimal),
        ]
        try server.post("/v1/model/acquire", json: body.encoded())
        return server
    }

    private static let name = "acme/manifest"

    private func attach(to server: RegistryServerProcess) throws {
        let bundle = try Data(contentsOf: URL(filePath: "\(examples)/signatures/manifest.sigstore.json"))
        try server.post("/v1/model/\(Self.name)/attestations", json: Array(bundle))
    }

    private func promote(_ server: RegistryServerProcess) throws -> Duration {
        let request: JSONValue = ["name": .string(Self.name)]
        let clock = ContinuousClock()
        let start = clock.now
        try server.post("/v1/model/promote", json: request.encoded())
        let elapsed = start.duration(to: clock.now)
        try server.post("/v1/model/quarantine?name=\(Self.name)")
        return elapsed
    }
}
