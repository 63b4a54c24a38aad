import struct Crypto.SHA256
import Inspection
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import StrictJSON

/// One artifact of a registry that is filled without asking a server: what its life leaves in the ledger.
struct SeededArtifact: Sendable {
    static let filename = "model.gguf"

    let name: ArtifactName
    let content: [UInt8]
    let digest: Digest
    /// As its file looked after all its names were made.
    var identity: BlobIdentity?

    init(number: Int) throws {
        name = try ArtifactName(parsing: Self.name(number))
        content = Array("the weights of artifact \(number), \(number &* 0x9E37_79B9)\n".utf8)
        digest = try Digest(sha256: Array(SHA256.hash(data: content)))
    }

    /// Names in folders of a thousand.
    static func name(_ number: Int) -> String {
        "team-\(padded(number / 1_000, 3))/model-\(padded(number, 6))"
    }

    /// All but one in ten are trusted.
    static func isTrusted(_ number: Int) -> Bool { number % 10 != 9 }

    /// Writes the artifact's history, from its acquisition to its promotion.
    func write(to entry: inout LedgerEntry, policy: Policy, isTrusted: Bool) throws {
        let (config, manifest) = try documents()
        let key = ArtifactKey(tenant: .default, version: try Self.digest(of: manifest))
        try entry.put(manifest: manifest, blobs: [digest], key: key, name: name)
        try entry.put(document: config)
        // As long as the kept report on a small file is.
        let inspection = InspectionKey(blob: digest, name: Self.filename, rules: "benchmark")
        try entry.put(KeptInspection(key: inspection, sealed: [UInt8](repeating: 0x20, count: 640)))
        if let identity { try entry.put(verification: identity, hashedAt: entry.time, of: digest) }
        let acquisition = Acquisition(
            content: ContentIdentity(
                layout: .file, sha256: digest, sizeBytes: UInt64(content.count), filename: Self.filename),
            format: "gguf", source: "https://models.example/\(name)", sourceRevision: nil)
        let acquired = try entry.append(.acquired(acquisition), to: nil, key: key, name: name)
        guard isTrusted else { return }
        let quarantined = try entry.append(.quarantined(.promotion), to: acquired)
        let report = document(of: "inspection/v1")
        let outcome = InspectionOutcome(
            // By the present rules: what was admitted by others is looked at again beside what is measured.
            verdict: "clean", rules: InspectionRules.version, evidence: try Self.digest(of: report), structure: digest,
            tensorManifest: digest)
        try entry.put(evidence: report, kind: .inspection, digest: outcome.evidence, of: key)
        let inspected = try entry.append(.inspected(outcome), to: quarantined)
        let decision = document(of: "decision/v1")
        let admittance = Admittance(
            policyVersion: policy.version, policyDigest: policy.digest, decision: try Self.digest(of: decision))
        try entry.put(evidence: decision, kind: .decision, digest: admittance.decision, of: key)
        try entry.append(.promoted(admittance), to: inspected)
    }

    /// The OCI config and manifest, as intake builds them.
    private func documents() throws -> (config: [UInt8], manifest: [UInt8]) {
        let config = JSONValue.object([
            "descriptor": ["name": .string(name.description)],
            "modelfs": ["type": "layers", "diffIds": .array([.string(digest.description)])],
            "config": ["format": "gguf"],
        ]).encoded()
        let layer = Descriptor(
            mediaType: ModelPack.layer(.weight), digest: digest, size: UInt64(content.count),
            annotations: [ModelPack.Annotation.filepath: Self.filename])
        let manifest = Manifest(
            artifactType: ModelPack.artifactType,
            config: Descriptor(
                mediaType: ModelPack.config, digest: try Self.digest(of: config), size: UInt64(config.count)),
            layers: [layer], annotations: ["org.opencontainers.image.title": name.description])
        return (config, manifest.encoded())
    }

    /// A document of evidence, about as long as real ones.
    private func document(of type: String) -> [UInt8] {
        let text = String(repeating: "A sentence of the trace, as long as they are. ", count: 12)
        return JSONValue.object(["type": .string(type), "name": .string(name.description), "trace": .string(text)])
            .encoded()
    }

    private static func digest(of document: [UInt8]) throws -> Digest {
        try Digest(sha256: Array(SHA256.hash(data: document)))
    }

    private static func padded(_ number: Int, _ count: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, count - digits.count)) + digits
    }
}
