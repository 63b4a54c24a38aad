import Sigstore
import StrictJSON
import Testing

@Suite("Limits of bundles")
struct BundleLimitTests {
    private func parse(_ text: String) throws {
        _ = try UnverifiedBundle(parsing: Array(text.utf8))
    }

    private func bundle(_ material: String, _ content: String) -> String {
        let mediaType = "application/vnd.dev.sigstore.bundle.v0.3+json"
        return #"{"mediaType":"\#(mediaType)","verificationMaterial":{\#(material)},\#(content)}"#
    }

    private let message = #""messageSignature":{"signature":"AAAA"}"#
    private let certificate = #""certificate":{"rawBytes":"AAAA"}"#

    @Test("A bundle that is too large is refused before it is read")
    func size() {
        let bytes = [UInt8](repeating: UInt8(ascii: " "), count: BundleLimits.bundleBytesMax + 1)
        #expect(reason { _ = try UnverifiedBundle(parsing: bytes) } == .bundleTooLarge)
    }

    @Test("What there is too much of is refused by its limit")
    func counts() {
        let entry = Array(repeating: "{}", count: 1_000).joined(separator: ",")
        for material in [
            "\"tlogEntries\":[\(entry)],\(certificate)", "\"x509CertificateChain\":{\"certificates\":[\(entry)]}",
            "\(certificate),\"timestampVerificationData\":{\"rfc3161Timestamps\":[\(entry)]}",
        ] {
            #expect(reason { try parse(bundle(material, message)) } == .limitExceeded)
        }
        let envelope = "\"dsseEnvelope\":{\"payload\":\"AAAA\",\"payloadType\":\"a\",\"signatures\":[\(entry)]}"
        #expect(reason { try parse(bundle(certificate, envelope)) } == .signatureCount)
        let deep = String(repeating: "[", count: 200_000)
        #expect(reason { try parse(deep) } == .limitExceeded)
        let long = String(repeating: "A", count: BundleLimits.signatureBytesMax * 2)
        #expect(
            reason { try parse(bundle(certificate, "\"messageSignature\":{\"signature\":\"\(long)\"}")) }
                == .limitExceeded)
        let der = String(repeating: "A", count: BundleLimits.certificateBytesMax * 2)
        #expect(reason { try parse(bundle("\"certificate\":{\"rawBytes\":\"\(der)\"}", message)) } == .limitExceeded)
    }

    @Test("A bundle is one thing, signed in one way by one signer")
    func shape() throws {
        try parse(bundle(certificate, message))
        #expect(reason { try parse(bundle("", message)) } == .materialMissing)
        #expect(reason { try parse(bundle("\(certificate),\"publicKey\":{}", message)) } == .materialAmbiguous)
        #expect(reason { try parse(bundle("\"x509CertificateChain\":{}", message)) } == .materialMissing)
        #expect(reason { try parse(bundle(certificate, #""dsseEnvelope":null"#)) } == .contentMissing)
        for text in ["", "[]", "null", "{}", #"{"mediaType":1}"#, #"{"mediaType":"a","mediaType":"a"}"#] {
            #expect(reason { try parse(text) } == .bundleMalformed)
        }
        for count in [
            "-1", "1.0", "1e3", "9223372036854775808", "true", "\"-1\"", "\"+1\"", "\" 1\"", "\"1.0\"", "\"0x1\"",
        ] {
            let kind = #""kindVersion":{"kind":"a","version":"b"}"#
            let entry = #""tlogEntries":[{"logIndex":\#(count),"logId":{"keyId":"AAAA"},\#(kind)}]"#
            #expect(reason { try parse(bundle("\(entry),\(certificate)", message)) } == .bundleMalformed, "\(count)")
        }
    }
}
