import DER
import Foundation
import SignatureKeys
import Sigstore
import StrictJSON
import Testing

/// Signatures as registries carry them: `Tests/Vectors/sigstore/carriers`.
@Suite("Simple signatures and what carries them")
struct SimpleSigningTests {
    private static let identity = "https://github.com/acme/models/.github/workflows/release.yml@refs/heads/main"
    private static let issuer = "https://token.actions.githubusercontent.com"

    private func read(_ name: String) throws -> [UInt8] {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        return Array(try Data(contentsOf: folder.appending(path: "../Vectors/sigstore/carriers/\(name)")))
    }

    private func layer(_ name: String) throws -> SignatureManifest.Layer {
        try #require(try SignatureManifest(parsing: read(name)).layers.first)
    }

    private func keyless(notBefore: String? = nil) throws -> VerificationPolicy {
        VerificationPolicy(
            signer: .identity(.exactly(Self.identity), issuer: .exactly(Self.issuer)),
            notBefore: try notBefore.map { try #require(UnixTime(rfc3339: $0)) })
    }

    private func byKey() throws -> VerificationPolicy {
        VerificationPolicy(signer: .key(try VerificationKey(pem: read("key.pub"))))
    }

    private func digest() throws -> String {
        "sha256:" + Hexadecimal.encode(HashAlgorithm.sha256.hash(try read("../artifact")))
    }

    private func verify(
        _ annotations: [String: String], by policy: VerificationPolicy, payload: [UInt8]? = nil, digest: String? = nil
    ) throws -> VerifiedBundle {
        let signature = try UnverifiedSimpleSignature(
            payload: payload ?? read("simplesigning-payload.json"), annotations: annotations)
        let root = try TrustedRoot(parsing: read("../trusted_root.json"))
        return try BundleVerifier(root: root).verify(signature, ofManifest: try digest ?? self.digest(), by: policy)
    }

    @Test("A manifest says of each layer in which form it is a signature, and what it is about")
    func manifests() throws {
        let bundle = try SignatureManifest(parsing: read("bundle-referrer-manifest.json"))
        #expect(bundle.layers.map(\.form) == [.bundle])
        #expect(bundle.subject == (try digest()))
        #expect(bundle.layers.first?.sizeBytes == 7_078)
        let legacy = try SignatureManifest(parsing: read("legacy-sig-keyless.manifest.json"))
        #expect(legacy.layers.map(\.form) == [.simpleSigning])
        #expect(legacy.subject == nil)
        let type = "application/vnd.dev.sigstore.bundle+json;version=0.1"
        let old =
            #"{"layers":[{"mediaType":"\#(type)","digest":"a"},"#
            + #"{"mediaType":"text/plain"}]}"#
        #expect(try SignatureManifest(parsing: Array(old.utf8)).layers.map(\.form) == [.bundle])
        for type in [
            "application/vnd.dev.cosign.artifact.sig.v1+json", "application/vnd.dev.sigstore.bundle.v0.3+json",
            "application/vnd.dev.sigstore.bundle+json;version=0.2",
        ] { #expect(SignatureManifest.mayCarry(artifactType: type)) }
        for type in ["", "application/spdx+json", "application/vnd.dev.cosign.simplesigning.v1+json"] {
            #expect(!SignatureManifest.mayCarry(artifactType: type))
        }
    }

    @Test("A manifest with more signatures than are looked at, or that is none, is refused by name")
    func manifestLimits() {
        let layer = #"{"mediaType":"application/vnd.dev.cosign.simplesigning.v1+json","digest":"a"}"#
        let many = Array(repeating: layer, count: 1_000).joined(separator: ",")
        let document = Array("{\"layers\":[\(many)]}".utf8)
        #expect(reason { _ = try SignatureManifest(parsing: document) } == .limitExceeded)
        for text in ["", "[]", #"{"layers":{}}"#, #"{"layers":[{}]}"#, #"{"subject":{}}"#, #"{"subject":1}"#] {
            #expect(reason { _ = try SignatureManifest(parsing: Array(text.utf8)) } == .bundleMalformed, "\(text)")
        }
        let large = [UInt8](repeating: UInt8(ascii: " "), count: CarrierLimits.manifestBytesMax + 1)
        #expect(reason { _ = try SignatureManifest(parsing: large) } == .limitExceeded)
    }

    @Test("An identity's signature is verified, and what the log says is a promise")
    func accepts() throws {
        for name in ["legacy-sig-keyless.manifest.json", "oci11-simplesigning-referrer.manifest.json"] {
            let verified = try verify(layer(name).annotations, by: keyless())
            #expect(verified.identity?.name == Self.identity)
            #expect(verified.logEntries.map(\.isIncluded) == [false])
            #expect(verified.times.count == 1)
            #expect(verified.statement == nil)
        }
    }

    @Test("A key's signature is verified, with what a log promised and without")
    func keys() throws {
        var annotations = try layer("legacy-sig-key.manifest.json").annotations
        #expect(try verify(annotations, by: byKey()).logEntries.count == 1)
        annotations["dev.sigstore.cosign/bundle"] = nil
        #expect(try verify(annotations, by: byKey()).logEntries.isEmpty)
        #expect(reason { _ = try verify(annotations, by: keyless()) } == .certificateExpected)
        let certified = try layer("legacy-sig-keyless.manifest.json").annotations
        #expect(reason { _ = try verify(certified, by: byKey()) } == .keyExpected)
    }

    @Test("A signature that is not the signer's, or about another manifest, is refused for its reason")
    func refuses() throws {
        let good = try layer("legacy-sig-keyless.manifest.json").annotations
        let bad = try layer("legacy-sig-bad.manifest.json").annotations
        #expect(reason { _ = try verify(bad, by: keyless()) } == .logEntryMismatch)
        let other = "sha256:" + String(repeating: "0", count: 64)
        #expect(reason { _ = try verify(good, by: keyless(), digest: other) } == .subjectMismatch)
        let late = try keyless(notBefore: "2027-01-01T00:00:00Z")
        #expect(reason { _ = try verify(good, by: late) } == .signedBeforeCutoff)
        var stated = try keyless()
        stated.predicateType = "https://slsa.dev/provenance/v1"
        #expect(reason { _ = try verify(good, by: stated) } == .predicateTypeMismatch)
        var changed = try read("simplesigning-payload.json")
        changed[10] ^= 1
        #expect(reason { _ = try verify(good, by: keyless(), payload: changed) } == .logEntryMismatch)
    }

    @Test(
        "Annotations that are missing or cannot be read are refused for their reason",
        arguments: [
            ("dev.cosignproject.cosign/signature", nil, .contentMissing),
            ("dev.cosignproject.cosign/signature", "?", .contentMissing),
            ("dev.cosignproject.cosign/signature", String(repeating: "A", count: 8_000), .limitExceeded),
            ("dev.sigstore.cosign/certificate", "x", .certificateMalformed),
            ("dev.sigstore.cosign/certificate", nil, .certificateExpected),
            ("dev.sigstore.cosign/chain", "-----BEGIN CERTIFICATE-----", .certificateMalformed),
            ("dev.sigstore.cosign/bundle", nil, .logEntryMissing),
            ("dev.sigstore.cosign/bundle", "[]", .bundleMalformed),
            ("dev.sigstore.cosign/bundle", "{}", .bundleMalformed),
            ("dev.sigstore.cosign/rfc3161timestamp", #"{"SignedRFC3161Timestamp":"AAAA"}"#, .timestampMalformed),
        ] as [(String, String?, FailureReason)])
    func annotations(_ name: String, _ value: String?, _ expected: FailureReason) throws {
        var annotations = try layer("legacy-sig-keyless.manifest.json").annotations
        annotations[name] = value
        #expect(reason { _ = try verify(annotations, by: keyless()) } == expected)
    }

    @Test("Every changed bit of what a log promised is refused")
    func promises() throws {
        let good = try layer("legacy-sig-keyless.manifest.json").annotations
        let text = Array(try #require(good["dev.sigstore.cosign/bundle"]).utf8)
        let expected = try verify(good, by: keyless())
        var refused = 0
        for bit in stride(from: 5, to: text.count * 8, by: 131) {
            var changed = text
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            var annotations = good
            annotations["dev.sigstore.cosign/bundle"] = String(decoding: changed, as: UTF8.self)
            if let result = try? verify(annotations, by: keyless()) {
                #expect(result == expected, "bit \(bit)")
            } else {
                refused += 1
            }
        }
        #expect(refused > 100)
    }

    @Test("What a key signed as something else than an image, or about nothing, is refused")
    func payloads() throws {
        let annotations = ["dev.cosignproject.cosign/signature": "AAAA"]
        #expect(reason { _ = try verify(annotations, by: byKey()) } == .signatureInvalid)
        let large = [UInt8](repeating: 0x20, count: CarrierLimits.payloadBytesMax + 1)
        #expect(reason { _ = try verify(annotations, by: byKey(), payload: large) } == .limitExceeded)
    }
}
