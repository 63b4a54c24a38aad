import OCI
import RegistryCore

/// Values of the domain for tests; digests are a byte repeated 32 times.
enum Sample {
    static func digest(_ byte: UInt8) throws -> Digest {
        try Digest(sha256: Array(repeating: byte, count: 32))
    }

    static func key(_ byte: UInt8 = 1) throws -> ArtifactKey {
        ArtifactKey(tenant: .default, version: try digest(byte))
    }

    static func name(_ text: String = "llama/tiny") throws -> ArtifactName {
        try ArtifactName(parsing: text)
    }

    static func acquisition() throws -> Acquisition {
        Acquisition(
            content: ContentIdentity(
                layout: .file, sha256: try digest(9), sizeBytes: 1_234, filename: "tiny.gguf"),
            format: "gguf", source: "https://example.org/tiny", sourceRevision: "main")
    }

    /// Of what was pushed.
    static func pushed(_ byte: UInt8 = 9) throws -> Acquisition {
        Acquisition(
            content: ContentIdentity(layout: .manifest, sha256: try digest(byte), sizeBytes: 7, filename: "manifest"),
            format: "gguf", source: nil, sourceRevision: nil)
    }

    static func admittance() throws -> Admittance {
        Admittance(policyVersion: "1", policyDigest: try digest(2), decision: try digest(3))
    }

    static func waived(_ ids: [UInt64] = [4, 9], until: Timestamp = Timestamp(clamping: 5_000)) throws -> Admittance {
        Admittance(
            policyVersion: "1", policyDigest: try digest(2), decision: try digest(3), waivers: ids, validUntil: until)
    }

    static func recheck() throws -> Recheck {
        Recheck(
            rules: "8", policyVersion: "2", policyDigest: try digest(2), decision: try digest(13), outcome: "refused",
            codes: ["no-rule-admits"])
    }

    static func outcome() throws -> InspectionOutcome {
        InspectionOutcome(verdict: "clean", rules: "7", evidence: try digest(4))
    }

    static func event(
        _ body: RegistryEvent.Body, index: UInt64 = 0, key: ArtifactKey? = nil, name: ArtifactName? = nil,
        by actor: Actor = .serviceToken
    ) throws -> RegistryEvent {
        RegistryEvent(
            index: index, time: Timestamp(clamping: 1_700_000_000_000 + Int64(index)), actor: actor,
            requestID: "r-\(index)", subject: .artifact(try key ?? self.key(), name: try name ?? self.name()),
            body: body)
    }

    static func registryEvent(_ body: RegistryEvent.Body) -> RegistryEvent {
        RegistryEvent(
            index: 5, time: Timestamp(clamping: 0), actor: .registry(.boot), requestID: nil, subject: .registry,
            body: body)
    }

    static func repositoryEvent(_ body: RegistryEvent.Body) throws -> RegistryEvent {
        RegistryEvent(
            index: 5, time: Timestamp(clamping: 0), actor: .serviceToken, requestID: nil,
            subject: .repository(RepositoryKey(name: try RepositoryName(parsing: "team/llama"))), body: body)
    }

    /// At least one event of each kind, with and without each optional field.
    static func everyKind() throws -> [RegistryEvent] {
        let bare = Acquisition(
            content: ContentIdentity(
                layout: .directory, sha256: try digest(8), sizeBytes: 0, filename: "d\u{2028}\"\\ü"),
            format: "unknown", source: nil, sourceRevision: nil)
        let cited = Admittance(
            policyVersion: "2026.1", policyDigest: try digest(2), decision: try digest(3), claims: try digest(5),
            bootLock: try digest(6))
        let tensors = InspectionOutcome(
            verdict: "review", rules: "7", evidence: try digest(4), structure: try digest(10),
            tensorManifest: try digest(11))
        let artifactBodies: [RegistryEvent.Body] = [
            .acquired(try acquisition()), .acquired(bare), .acquired(try pushed()),
            .quarantined(.requested(reason: nil)),
            .quarantined(.requested(reason: "looks odd")), .quarantined(.promotion),
            .quarantined(.integrity(file: "a/b.gguf", expected: try digest(9), found: "missing")),
            .inspected(try outcome()), .inspected(tensors), .promoted(try admittance()), .promoted(cited),
            .refused(try admittance(), codes: []), .refused(cited, codes: ["no-rule-admits", "x"]),
            .pushed, .attested(bundle: try digest(13)),
            .quarantined(.waiver(7)), .quarantined(.recheck(codes: ["a", "b"])), .promoted(try waived()),
            .waived(WaiverTerms(rule: "file.polyglot", reason: "known", expires: Timestamp(clamping: 9_000))),
            .waived(
                WaiverTerms(
                    rule: "pickle.unknown-global", file: try digest(12), member: "a.zip!/b\u{2028}\"", reason: "read",
                    ticket: "SEC-1", expires: .latest)),
            .waiverEnded(.max, .expired), .waiverEnded(0, .revoked(reason: nil)),
            .waiverEnded(3, .revoked(reason: "wrong")), .recheckFailed(try recheck()),
            .revoked(reason: nil), .revoked(reason: "CVE-2026-1"), .deleted(reason: nil), .deleted(reason: "space"),
        ]
        let long = try Digest(sha512: [UInt8](repeating: 7, count: 64))
        return try artifactBodies.map { try event($0, index: 5) } + [
            registryEvent(.policyActivated(version: "1", digest: try digest(2))),
            registryEvent(.bootLockRead(digest: try digest(6), admitted: 3, refused: UInt64.max)),
            try event(
                .acquired(try pushed()), index: 5,
                name: try ArtifactName(pushed: try digest(1), to: try RepositoryName(parsing: "team/llama"))),
            try repositoryEvent(.tagged(.latest, version: try digest(3), previous: nil)),
            try repositoryEvent(.tagged(.latest, version: long, previous: try digest(4))),
            try repositoryEvent(.untagged(.latest, version: try digest(3))),
            try repositoryEvent(.placed(version: try digest(3))),
            try repositoryEvent(.removed(version: try digest(3))),
            try repositoryEvent(.reviewed(version: try digest(3))),
        ]
    }
}
