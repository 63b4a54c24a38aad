import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import Sigstore
import StorageMemory
import StrictJSON
import Testing

@Suite("Signatures at the gate")
struct SignatureGateTests {
    private static let limits = JSONLimits(bytesMax: 1 << 20, nodesMax: 1 << 16, stringBytesMax: 1 << 16)

    private static func scenario(
        _ policy: String, trust: any TrustRootSource = NoTrustRoot(), _ body: (TestRegistry) async throws -> Void
    ) async throws {
        let registry = try await TestRegistry(try TestWorld(), policy: policy, trust: trust)
        try await body(registry)
        try await registry.checkPromises()
    }

    @discardableResult
    private static func attach(_ bundle: [UInt8], _ name: String, _ registry: TestRegistry) async throws -> Bool {
        try await registry.bundles.attach(bundle, to: try ArtifactName(parsing: name), TestRegistry.caller).isNew
    }

    /// What became of each bundle, in the words of the decision that a promote would come to.
    private static func signatures(_ name: String, _ registry: TestRegistry) async throws -> [JSONObject] {
        let order = PromotionOrder(name: try ArtifactName(parsing: name))
        let decision = try await registry.promotion.rehearse(order).decision
        return (decision.json.asObject?["signatures"]?.asArray ?? []).compactMap(\.asObject)
    }

    @Test("What the policy wants signed is refused without a signature, and promoted once one is attached")
    func attached() async throws {
        let signer = TestSigner()
        try await Self.scenario(SigningPolicy.keys([signer])) { registry in
            let version = try await registry.acquire("a", ModelBytes.gguf()).key.version
            await expectError(.policyRefused) { try await registry.promote("a") }
            try await Self.attach(try signer.bundle(about: [version]), "a", registry)
            let record = try await registry.promote("a")
            #expect(record.state == .trusted)
            #expect(try await registry.events(of: "a").suffix(2) == [.attested, .promoted])
            let decision = try #require(record.admittance?.decision)
            let document = try await registry.history.document(of: record.name, decision.description)
            let json = try StrictJSON.parse(document, limits: Self.limits).asObject
            #expect(json?["facts"]?.asObject?["verification"] == "verified")
            let signature = json?["signatures"]?.asArray?.first?.asObject
            #expect(signature?["counts_for"] == ["verification"])
            #expect(signature?["key"]?.asString?.count == 64)
            #expect(try await registry.fsck(deep: true).problems.isEmpty)
        }
    }

    @Test("A keyless signature counts for whom it names, and the decision names identity, log index and time")
    func keyless() async throws {
        try await Self.scenario(SigningPolicy.keyless(), trust: try FixedTrust.made()) { registry in
            let artifact = try SignedVectors.read("artifact")
            try await registry.acquire("a", artifact, filename: "a.json")
            try await Self.attach(try SignedVectors.read("k-dsse-rekor1.json"), "a", registry)
            #expect(try await registry.promote("a").state == .trusted)
            let signature = try #require(try await Self.signatures("a", registry).first)
            #expect(signature["identity"]?.asString == SigningPolicy.identity)
            #expect(signature["issuer"] == "https://token.actions.githubusercontent.com")
            let entry = signature["log_entries"]?.asArray?.first?.asObject
            #expect(entry?["index"]?.asNumber?.uint64 != nil)
            #expect(signature["times"]?.asArray?.isEmpty == false)
            // The same signature by whom another policy wants.
            let other = try await TestRegistry(
                registry.world, policy: SigningPolicy.keyless(identity: "https://example.org/mallory"),
                store: registry.store, trust: try FixedTrust.made())
            await expectError(.policyRefused) { try await other.promote("a") }
            let refused = try #require(try await Self.signatures("a", other).first)
            #expect(refused["does_not_count"]?.asObject?["verification"] == "identity_mismatch")
        }
    }

    @Test(
        "Without a trusted root that can be used nothing keyless is verified, and nothing admitted",
        arguments: [TrustRootFault.notConfigured, .expired, .unreadable])
    func noRoot(_ fault: TrustRootFault) async throws {
        try await Self.scenario(SigningPolicy.keyless(), trust: FixedTrust(result: .failure(fault))) { registry in
            try await registry.acquire("a", try SignedVectors.read("artifact"), filename: "a.json")
            try await Self.attach(try SignedVectors.read("k-dsse-rekor1.json"), "a", registry)
            await expectError(.inspectionUndecided) { try await registry.promote("a") }
            let signature = try #require(try await Self.signatures("a", registry).first)
            #expect(signature["reason"] == "trusted_root_unavailable")
            #expect(signature["counts_for"] == [])
        }
    }

    @Test("Bundles about something else, by somebody else or altered take nothing away from a good one")
    func foreign() async throws {
        let (signer, stranger) = (TestSigner(), TestSigner())
        try await Self.scenario(SigningPolicy.keys([signer])) { registry in
            let version = try await registry.acquire("a", ModelBytes.gguf()).key.version
            let other = try Digest(hashing: Array("other".utf8))
            let bad = [
                try signer.bundle(about: [other]), try stranger.bundle(about: [version]),
                try SignedVectors.read("k-msg-rekor1.json"),
            ]
            for bundle in bad { try await Self.attach(bundle, "a", registry) }
            await expectError(.inspectionUndecided) { try await registry.promote("a") }
            let reasons = try await Self.signatures("a", registry).map { $0["reason"]?.asString }
            #expect(reasons == ["subject_mismatch", "signature_invalid", "trusted_root_unavailable"])
            try await Self.attach(try signer.bundle(about: [version]), "a", registry)
            #expect(try await registry.promote("a").state == .trusted)
        }
    }

    @Test("A threshold takes that many different signers: the same one twice counts once")
    func threshold() async throws {
        let signers = [TestSigner(), TestSigner()]
        try await Self.scenario(SigningPolicy.keys(signers, "    threshold: 2\n")) { registry in
            let version = try await registry.acquire("a", ModelBytes.gguf()).key.version
            // ECDSA signs with a nonce, so that these are two bundles.
            try await Self.attach(try signers[0].bundle(about: [version]), "a", registry)
            try await Self.attach(try signers[0].bundle(about: [version]), "a", registry)
            await expectError(.policyRefused) { try await registry.promote("a") }
            try await Self.attach(try signers[1].bundle(about: [version]), "a", registry)
            #expect(try await registry.promote("a").state == .trusted)
        }
    }

    @Test("A statement about an artifact is no signature over it, and a signature is no statement")
    func kinds() async throws {
        let signer = TestSigner()
        let sbom = "    attestations:\n      - { type: sbom }\n"
        try await Self.scenario(SigningPolicy.keys([signer], sbom)) { registry in
            let version = try await registry.acquire("a", ModelBytes.gguf()).key.version
            try await Self.attach(
                try signer.bundle(about: [version], type: "https://cyclonedx.org/bom/v1.6"), "a", registry)
            await expectError(.policyRefused) { try await registry.promote("a") }
            try await Self.attach(try signer.bundle(about: [version]), "a", registry)
            #expect(try await registry.promote("a").state == .trusted)
            let counts = try await Self.signatures("a", registry).map { $0["counts_for"] }
            #expect(counts == [["verification:sbom"], ["verification"]])
        }
    }

    @Test("Provenance counts by the builder and from the source that the policy names, and by no others")
    func provenance() async throws {
        let signer = TestSigner()
        let rule = """
                threshold: 0
                attestations:
                  - type: slsa
                    builder: https://builder.example/v1
                    source_regex: https://github\\.com/acme/[a-z]+

            """
        try await Self.scenario(SigningPolicy.keys([signer], rule)) { registry in
            let version = try await registry.acquire("a", ModelBytes.gguf()).key.version
            func provenance(_ builder: String, _ source: String) throws -> [UInt8] {
                try signer.bundle(
                    about: [version], type: "https://slsa.dev/provenance/v1",
                    predicate: [
                        "buildDefinition": [
                            "externalParameters": ["workflow": ["repository": .string(source)]],
                            "resolvedDependencies": [["uri": "https://github.com/acme/models"]],
                        ],
                        "runDetails": ["builder": ["id": .string(builder)]],
                    ])
            }
            try await Self.attach(try provenance("https://b.example", "https://github.com/acme/m"), "a", registry)
            try await Self.attach(
                try provenance("https://builder.example/v1", "https://github.com/acme/m/evil"), "a", registry)
            await expectError(.policyRefused) { try await registry.promote("a") }
            let label = "verification:slsa"
            let reasons = try await Self.signatures("a", registry).map { $0["does_not_count"]?.asObject?[label] }
            #expect(reasons == ["builder_mismatch", "source_mismatch"])
            try await Self.attach(
                try provenance("https://builder.example/v1", "https://github.com/acme/models"), "a", registry)
            #expect(try await registry.promote("a").state == .trusted)
        }
    }

    @Test("A model signature is over all files: one that is changed, missing, unlisted or left out by name undoes it")
    func modelSignature() async throws {
        let signer = TestSigner()
        let bytes = ModelBytes.gguf()
        let digest = try Digest(hashing: bytes)
        let other = try Digest(hashing: Array("other".utf8))
        let bad = [
            try signer.modelSignature(of: [("model.gguf", other)]),
            try signer.modelSignature(of: [("model.gguf", digest), ("more.json", other)]),
            try signer.modelSignature(of: [("more.json", digest)]),
            try signer.modelSignature(of: [("more.json", digest)], leavingOut: ["model.gguf"]),
            try signer.modelSignature(of: [(".", other)]),
        ]
        let good = [
            try signer.modelSignature(of: [("model.gguf", digest)]), try signer.modelSignature(of: [(".", digest)]),
        ]
        for bundle in good {
            try await Self.scenario(SigningPolicy.keys([signer])) { registry in
                try await registry.acquire("a", bytes)
                for bundle in bad { try await Self.attach(bundle, "a", registry) }
                await expectError(.policyRefused) { try await registry.promote("a") }
                let reasons = try await Self.signatures("a", registry).map { $0["reason"] }
                #expect(reasons == bad.map { _ in "files_differ" })
                try await Self.attach(bundle, "a", registry)
                #expect(try await registry.promote("a").state == .trusted)
            }
        }
    }

    @Test("A signature over all files that are here is none of a version of which a part is elsewhere")
    func foreignParts() async throws {
        let signer = TestSigner()
        let foreign = Descriptor(
            mediaType: try #require(MediaType("application/vnd.oci.image.layer.nondistributable.v1.tar+gzip")),
            digest: try Digest(hashing: Array("elsewhere".utf8)), size: 9)
        try await Self.scenario(SigningPolicy.keys([signer])) { registry in
            let files = [Array("{}".utf8), ModelBytes.gguf()]
            for (tag, more, isVerified) in [("whole", [], true), ("part", [foreign], false)] {
                let bytes = try await registry.manifest([.init(files[1], title: "a.gguf")], in: "team/llama")
                var manifest = try Manifest(parsing: bytes)
                manifest.layers += more
                try await registry.publish(manifest.encoded(), in: "team/llama", tags: [tag])
                let name = try await registry.name("team/llama:\(tag)")
                try await Self.attach(
                    try signer.bundle(about: try files.map { try Digest(hashing: $0) }), name, registry)
                #expect(try await Self.signatures(name, registry).map { $0["verified"]?.asBool } == [isVerified])
            }
        }
    }

    @Test("A bundle that was pushed into the repository as a referrer counts as one that was attached")
    func referrer() async throws {
        let signer = TestSigner()
        try await Self.scenario(SigningPolicy.keys([signer])) { registry in
            let version = try await registry.push(ModelBytes.gguf(), to: "team/llama", tags: ["v1"]).version
            let name = try await registry.name("team/llama:v1")
            await expectError(.policyRefused) { try await registry.promote(name) }
            let type = try #require(MediaType("application/vnd.dev.sigstore.bundle.v0.3+json"))
            let subject = Descriptor(mediaType: .imageManifest, digest: version, size: 1)
            for bundle in [Array("{}".utf8), try signer.bundle(about: [version])] {
                let layer = TestRegistry.Layer(bundle, mediaType: type)
                let bytes = try await registry.manifest(
                    [layer], in: "team/llama", subject: subject, artifactType: type)
                try await registry.publish(bytes, in: "team/llama")
            }
            #expect(try await registry.promote(name).state == .trusted)
            let found = try await Self.signatures(name, registry)
            #expect(Set(found.map { $0["verified"]?.asBool }) == [true, false])
            #expect(found.allSatisfy { $0["referrer"] != nil })
        }
    }

    @Test("Another cutoff re-evaluates what is trusted: what was signed before it leaves service")
    func cutoff() async throws {
        let trust = try FixedTrust.made()
        try await Self.scenario(SigningPolicy.keyless(), trust: trust) { registry in
            try await registry.acquire("a", try SignedVectors.read("artifact"), filename: "a.json")
            try await Self.attach(try SignedVectors.read("k-dsse-rekor1.json"), "a", registry)
            try await registry.promote("a")
            let later = SigningPolicy.keyless("    not_before: 2099-01-01T00:00:00Z\n")
            let next = try await TestRegistry(registry.world, policy: later, store: registry.store, trust: trust)
            #expect(try await next.reinspection.round())
            #expect(try await next.record("a").state == .quarantined)
            #expect(next.recheckFailures.map(\.codes) == [["verification"]])
            let signature = try #require(try await Self.signatures("a", next).first)
            #expect(signature["does_not_count"]?.asObject?["verification"] == "signed_before_cutoff")
        }
    }

    @Test("Another trusted root re-evaluates what is trusted; one that cannot be used now changes nothing")
    func otherRoot() async throws {
        let trust = try FixedTrust.made()
        try await Self.scenario(SigningPolicy.keyless(), trust: trust) { registry in
            try await registry.acquire("a", try SignedVectors.read("artifact"), filename: "a.json")
            try await Self.attach(try SignedVectors.read("k-dsse-rekor1.json"), "a", registry)
            try await registry.promote("a")
            let size = try await registry.log().count
            #expect(try await registry.reinspection.round())
            #expect(try await registry.log().count == size)
            func round(_ trust: any TrustRootSource) async throws -> TestRegistry {
                let next = try await TestRegistry(
                    registry.world, policy: SigningPolicy.keyless(), store: registry.store, trust: trust)
                _ = try? await next.reinspection.round()
                return next
            }
            let expired = try await round(FixedTrust(result: .failure(.expired)))
            #expect(try await expired.record("a").state == .trusted)
            var other = try trust.result.get()
            other.root = .none
            other.digest = "sha256:" + String(repeating: "0", count: 64)
            let next = try await round(FixedTrust(result: .success(other)))
            #expect(try await next.record("a").state == .quarantined)
        }
    }

    @Test("A policy that asks for no signature decides as before, and says that it is unverified")
    func unverified() async throws {
        try await TestRegistry.scenario { registry in
            let record = try await registry.trust("a", ModelBytes.gguf())
            let decision = try #require(record.admittance?.decision)
            let document = try await registry.history.document(of: record.name, decision.description)
            let json = try StrictJSON.parse(document, limits: Self.limits).asObject
            #expect(json?["facts"]?.asObject?["verification"] == "unverified")
            #expect(json?["signatures"] == nil)
        }
    }
}
