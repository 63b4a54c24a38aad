import Sigstore
import StrictJSON
import Testing

@Suite("Trusted roots")
struct TrustedRootTests {
    private func document() throws -> JSONValue {
        let limits = JSONLimits(bytesMax: 1 << 20, nodesMax: 1 << 16, stringBytesMax: 1 << 16)
        return try StrictJSON.parse(try SigstoreVectors.named("k-msg-rekor1").root, limits: limits)
    }

    private func parse(_ document: JSONValue) throws -> TrustedRoot {
        try TrustedRoot(parsing: document.encoded())
    }

    /// The document with the value at `path` replaced, or taken away.
    private func changed(_ value: JSONValue, _ path: ArraySlice<String>, _ new: JSONValue?) -> JSONValue? {
        guard let name = path.first else { return new }
        if case .object(var object) = value {
            object[name] = object[name].flatMap { changed($0, path.dropFirst(), new) } ?? (path.count == 1 ? new : nil)
            return .object(object)
        }
        guard case .array(var elements) = value, let index = Int(name) else { return value }
        elements[index] = changed(elements[index], path.dropFirst(), new) ?? .null
        return .array(elements)
    }

    private func root(_ path: String, _ new: JSONValue?) throws -> TrustedRoot {
        let parts = path.split(separator: ".").map(String.init)
        return try parse(try #require(changed(try document(), parts[...], new)))
    }

    @Test("A root has its logs and authorities")
    func reads() throws {
        let root = try parse(try document())
        #expect(root.transparencyLogs.map(\.host) == ["rekor.sigstore.test", "log2026-1.rekor.sigstore.test"])
        #expect(root.certificateLogs.map(\.host) == ["ctfe.sigstore.test"])
        #expect(root.certificateAuthorities.count == 1)
        #expect(root.timestampAuthorities.count == 1)
    }

    @Test("Instances whose time has not come are kept, those with keys of other kinds are left out")
    func instances() throws {
        let future = try root("tlogs.0.publicKey.validFor.start", "2099-01-01T00:00:00Z")
        #expect(future.transparencyLogs.count == 2)
        let other = try root("tlogs.0.publicKey.keyDetails", "ML_DSA_65")
        #expect(other.transparencyLogs.map(\.host) == ["log2026-1.rekor.sigstore.test"])
    }

    @Test(
        "A root that cannot be understood is no root",
        arguments: [
            ("mediaType", "application/json"), ("mediaType", nil), ("tlogs", "x"),
            ("tlogs.0.publicKey.validFor.start", nil), ("tlogs.0.publicKey.validFor.start", "yesterday"),
            ("tlogs.0.publicKey.rawBytes", "AAAA"), ("tlogs.0.publicKey.keyDetails", "PKIX_ED25519"),
            ("tlogs.0.logId.keyId", "AAAA"), ("tlogs.0.baseUrl", "rekor"), ("ctlogs.0.publicKey.validFor", nil),
            ("certificateAuthorities.0.certChain", nil),
            ("certificateAuthorities.0.certChain.certificates.0.rawBytes", "AAAA"),
            ("certificateAuthorities.0.validFor", nil), ("timestampAuthorities.0.certChain.certificates", []),
        ] as [(String, JSONValue?)])
    func refuses(_ path: String, _ new: JSONValue?) {
        #expect(reason { _ = try root(path, new) } == .trustedRootMalformed)
    }

    @Test("A root that is too large, or has too many instances, is refused")
    func limits() throws {
        let large = [UInt8](repeating: UInt8(ascii: " "), count: BundleLimits.trustedRootBytesMax + 1)
        #expect(reason { _ = try TrustedRoot(parsing: large) } == .trustedRootMalformed)
        let many = JSONValue.array(Array(repeating: [:], count: BundleLimits.instancesMax + 1))
        #expect(reason { _ = try root("tlogs", many) } == .limitExceeded)
    }

    @Test("Nothing verifies through nobody")
    func none() throws {
        let vector = try SigstoreVectors.named("key-msg-rekor1")
        let failure = reason {
            _ = try BundleVerifier(root: .none).verify(
                try UnverifiedBundle(parsing: vector.bundle), of: Artifact(bytes: SigstoreVectors.artifact),
                by: try vector.policy)
        }
        #expect(failure == .logUnknown)
    }
}
