import SignatureKeys
import Sigstore
import Testing

@Suite("Bundles of a whole instance")
struct BundleVectorTests {
    @Test("All bundles are there")
    func complete() {
        #expect(SigstoreVectors.cases.count == 73)
        #expect(SigstoreVectors.accepted.count == 23)
    }

    @Test("Every bundle is accepted, or refused for its reason", arguments: SigstoreVectors.cases)
    func bytes(_ vector: SigstoreVectors.Case) throws {
        if let expected = vector.reason {
            #expect(reason { _ = try SigstoreVectors.verify(vector) } == expected, "\(vector.why)")
        } else {
            let bundle = try SigstoreVectors.verify(vector)
            #expect((bundle.identity == nil) == (vector.key != nil))
            #expect(bundle.identity?.name ?? vector.identity == vector.identity)
            #expect(!bundle.logEntries.isEmpty)
        }
    }

    @Test("The digest is as good as the bytes where it is what was signed", arguments: SigstoreVectors.cases)
    func digest(_ vector: SigstoreVectors.Case) throws {
        let artifact = Artifact(digests: [.sha256: HashAlgorithm.sha256.hash(SigstoreVectors.artifact)])
        let verify = { try SigstoreVectors.verify(vector, bundle: vector.bundle, artifact: artifact) }
        if vector.needsMore {
            #expect(reason { _ = try verify() } == .artifactUnavailable)
        } else if let expected = vector.reason {
            #expect(reason { _ = try verify() } == expected)
        } else {
            #expect(try verify() == (try SigstoreVectors.verify(vector)))
        }
    }

    @Test("What is said to be needed of an artifact is enough", arguments: SigstoreVectors.accepted)
    func needs(_ vector: SigstoreVectors.Case) throws {
        let needs = try BundleVerifier.needs(
            of: try UnverifiedBundle(parsing: vector.bundle), by: try vector.policy)
        #expect(!needs.bytes)
        var digests: [HashAlgorithm: [UInt8]] = [:]
        for algorithm in needs.digests { digests[algorithm] = algorithm.hash(SigstoreVectors.artifact) }
        _ = try SigstoreVectors.verify(vector, bundle: vector.bundle, artifact: Artifact(digests: digests))
    }

    @Test("Another artifact is refused, whichever bit of it is changed")
    func otherArtifacts() throws {
        for name in ["k-msg-rekor1", "k-msg-rekor2", "k-dsse-rekor1", "key-msg-rekor1"] {
            let vector = try SigstoreVectors.named(name)
            let expected: FailureReason = name == "k-dsse-rekor1" ? .subjectMismatch : .logEntryMismatch
            for bit in stride(from: 0, to: SigstoreVectors.artifact.count * 8, by: 37) {
                var changed = SigstoreVectors.artifact
                changed[bit / 8] ^= 1 << UInt8(bit % 8)
                let artifact = Artifact(bytes: changed)
                let found = reason {
                    _ = try SigstoreVectors.verify(vector, bundle: vector.bundle, artifact: artifact)
                }
                #expect(found == expected)
            }
        }
    }

    @Test("A bundle of one instance does not verify with the root of another, nor with an empty one")
    func otherRoots() throws {
        let vector = try SigstoreVectors.named("k-msg-rekor1")
        let empty = Array(#"{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}"#.utf8)
        #expect(reason { _ = try SigstoreVectors.verify(vector, bundle: vector.bundle, root: empty) } == .logUnknown)
    }

    @Test("A predicate type that is asked for has to be stated")
    func predicateTypes() throws {
        func verify(_ name: String, _ type: String) throws {
            let vector = try SigstoreVectors.named(name)
            var policy = try vector.policy
            policy.predicateType = type
            let verifier = BundleVerifier(root: try TrustedRoot(parsing: vector.root))
            _ = try verifier.verify(
                try UnverifiedBundle(parsing: vector.bundle), of: Artifact(bytes: SigstoreVectors.artifact), by: policy)
        }
        try verify("k-dsse-rekor1", "https://sigstore.dev/cosign/sign/v1")
        #expect(reason { try verify("k-dsse-rekor1", "https://slsa.dev/provenance/v1") } == .predicateTypeMismatch)
        #expect(reason { try verify("k-msg-rekor1", "https://slsa.dev/provenance/v1") } == .predicateTypeMismatch)
    }
}
