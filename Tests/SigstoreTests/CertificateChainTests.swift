import DER
import Foundation
import SignatureKeys
import Sigstore
import StrictJSON
import Testing

/// Models signed by certificates of an authority of one's own: `Tests/Vectors/sigstore/chains`.
@Suite("Certificates that no log has")
struct CertificateChainTests {
    private static let start = "2026-06-01T00:00:00Z"

    private func read(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return Array(try Data(contentsOf: folder.appending(path: "../Vectors/sigstore/chains/\(name)")))
    }

    /// What the statement is about: enough for who signed it.
    private func artifact(_ bundle: [UInt8]) throws -> Artifact {
        let limits = JSONLimits(bytesMax: 1 << 20, nodesMax: 1 << 12, stringBytesMax: 1 << 16)
        let envelope = try StrictJSON.parse(bundle, limits: limits).asObject?["dsseEnvelope"]?.asObject
        let text = try #require(envelope?["payload"]?.asString)
        let payload = try #require(Base64.decode(text.utf8))
        let subject = try StrictJSON.parse(payload, limits: limits).asObject?["subject"]?.asArray?.first?.asObject
        let digest = try #require(subject?["digest"]?.asObject?["sha256"]?.asString)
        return Artifact(digests: [.sha256: Hexadecimal.decode(digest) ?? []])
    }

    private func verify(
        _ name: String, bundle: [UInt8]? = nil, anchors: [UInt8]? = nil, subject: String = "signer@example.com",
        at now: String = start, notBefore: String? = nil
    ) throws -> VerifiedBundle {
        let rule = VerificationPolicy.CertificateRule(
            anchors: try CertificateAnchors(pem: anchors ?? read("\(name).pem")), subject: .exactly(subject),
            now: try #require(UnixTime(rfc3339: now)))
        let policy = VerificationPolicy(
            signer: .certificate(rule), notBefore: try notBefore.map { try #require(UnixTime(rfc3339: $0)) })
        let good = try read("\(name).json")
        return try BundleVerifier(root: .none).verify(
            try UnverifiedBundle(parsing: bundle ?? good), of: try artifact(good), by: policy)
    }

    @Test("A certificate beneath a given root verifies for its subject", arguments: ["p256", "p384", "p521"])
    func accepts(_ curve: String) throws {
        let verified = try verify("cert-\(curve)")
        #expect(verified.identity?.name == "signer@example.com")
        #expect(verified.identity?.kind == .commonName)
        #expect(verified.identity?.issuer.hasPrefix("certificate sha256:") == true)
        #expect(verified.times.isEmpty && verified.logEntries.isEmpty && verified.certificateLogs.isEmpty)
        #expect(verified.statement != nil)
    }

    @Test(
        "A certificate that nobody vouches for, that is not for signing or not valid is refused for its reason",
        arguments: [
            ("cert-neg-untrusted", .certificateUntrusted), ("cert-neg-no-intermediate", .certificateUntrusted),
            ("cert-neg-no-usage", .certificateUsage), ("cert-expired-leaf", .certificateOutsideValidity),
        ] as [(String, FailureReason)])
    func refuses(_ name: String, _ expected: FailureReason) {
        #expect(reason { _ = try verify(name) } == expected)
    }

    @Test("The time of the question counts where no authority says another one")
    func times() throws {
        #expect(reason { _ = try verify("cert-p256", at: "2025-12-31T23:59:59Z") } == .certificateOutsideValidity)
        _ = try verify("cert-p256", at: "2026-01-01T00:00:00Z")
        #expect(reason { _ = try verify("cert-p256", at: "2046-01-01T00:00:00Z") } == .certificateOutsideValidity)
        #expect(reason { _ = try verify("cert-p256", notBefore: "2020-01-01T00:00:00Z") } == .timeMissing)
        #expect(
            try verify("cert-expired-leaf", subject: "old@example.com", at: "2026-01-01T12:00:00Z").identity?.name
                == "old@example.com")
    }

    @Test("Another subject, another kind of signature and something else than certificates are refused")
    func others() throws {
        #expect(reason { _ = try verify("cert-p256", subject: "Signer@example.com") } == .identityMismatch)
        let keyed = try SigstoreVectors.named("key-msg-rekor1").bundle
        #expect(reason { _ = try verify("cert-p256", bundle: keyed) } == .certificateExpected)
        for text in ["", "x", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            #expect(reason { _ = try verify("cert-p256", anchors: Array(text.utf8)) } == .trustedRootMalformed)
        }
        // A certificate of Fulcio is not one of the caller's.
        let keyless = try SigstoreVectors.named("k-dsse-rekor1").bundle
        #expect(reason { _ = try verify("cert-p256", bundle: keyless) } == .logUnknown)
    }

    @Test("No changed bit of a bundle with a chain changes what is verified")
    func bits() throws {
        let bundle = try read("cert-p256.json")
        let expected = try verify("cert-p256")
        var refused = 0
        for bit in stride(from: 3, to: bundle.count * 8, by: 61) {
            var changed = bundle
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            if let result = try? verify("cert-p256", bundle: changed) {
                #expect(result == expected, "bit \(bit)")
            } else {
                refused += 1
            }
        }
        #expect(refused > 200)
    }
}
