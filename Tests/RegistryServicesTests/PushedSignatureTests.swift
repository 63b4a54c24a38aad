import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StrictJSON
import Synchronization
import Testing

@Suite("Signatures that are pushed, and lists of parts")
struct PushedSignatureTests {
    private static let repository = "team/llama"

    /// A model that was pushed, in a registry that asks for signatures.
    private struct Model {
        let registry: TestRegistry
        let bytes = ModelBytes.gguf()
        let version: Digest
        let name: String

        init(_ policy: String) async throws {
            registry = try await TestRegistry(try TestWorld(), policy: policy, trust: NoTrustRoot())
            version = try await registry.push(bytes, to: repository, tags: ["v1"]).version
            name = try await registry.name("\(repository):v1")
        }

        func promote() async throws -> ArtifactState { try await registry.promote(name).state }

        /// What became of each signature, in the words of the decision that a promote would come to.
        func signatures() async throws -> [JSONObject] {
            let order = PromotionOrder(name: try ArtifactName(parsing: name))
            let decision = try await registry.promotion.rehearse(order).decision
            return (decision.json.asObject?["signatures"]?.asArray ?? []).compactMap(\.asObject)
        }

        func attach(_ bundle: [UInt8]) async throws {
            _ = try await registry.bundles.attach(bundle, to: try ArtifactName(parsing: name), TestRegistry.caller)
        }

        var subject: Descriptor { Descriptor(mediaType: .imageManifest, digest: version, size: 1) }

        func refer(with bytes: [UInt8], type name: String, number: Int = 0) async throws {
            let type = try #require(MediaType(name))
            let manifest = try await registry.manifest(
                [TestRegistry.Layer(bytes, mediaType: type)], in: repository, subject: subject, artifactType: type,
                annotations: ["number": String(number)])
            try await registry.publish(manifest, in: repository)
        }

        /// Pushes simple signatures as cosign does: layers of one manifest under a tag, or of one that refers.
        func push(
            _ signatures: [(payload: [UInt8], annotations: [String: String])], asReferrer isReferrer: Bool = false
        ) async throws {
            let layerType = try #require(MediaType("application/vnd.dev.cosign.simplesigning.v1+json"))
            var layers: [Descriptor] = []
            for signature in signatures {
                layers.append(
                    Descriptor(
                        mediaType: layerType, digest: try await registry.receive(signature.payload, in: repository),
                        size: UInt64(signature.payload.count), annotations: signature.annotations))
            }
            let config = Array(#"{"os":""}"#.utf8)
            let type = isReferrer ? MediaType("application/vnd.dev.cosign.artifact.sig.v1+json") : .imageConfig
            let manifest = Manifest(
                artifactType: nil,
                config: Descriptor(
                    mediaType: try #require(type), digest: try await registry.receive(config, in: repository),
                    size: UInt64(config.count)),
                layers: layers, subject: isReferrer ? subject : nil)
            try await registry.publish(
                manifest.encoded(), in: repository, tags: isReferrer ? [] : ["sha256-\(version.hex).sig"])
        }
    }

    @Test("Simple signatures count under cosign's tag and as referrers, if they are over this very manifest")
    func simple() async throws {
        let (signer, stranger) = (TestSigner(), TestSigner())
        for isReferrer in [false, true] {
            let model = try await Model(SigningPolicy.keys([signer]))
            let other = try Digest(hashing: Array("other".utf8))
            try await model.push(
                [try signer.simpleSignature(of: other), try stranger.simpleSignature(of: model.version)],
                asReferrer: isReferrer)
            await expectError(.policyRefused) { try await model.promote() }
            #expect(
                try await model.signatures().map { $0["reason"]?.asString }
                    == ["subject_mismatch", "signature_invalid"])
            var altered = try signer.simpleSignature(of: model.version)
            altered.payload[altered.payload.count - 2] ^= 1
            try await model.push([altered], asReferrer: isReferrer)
            await expectError(.policyRefused) { try await model.promote() }
            try await model.push(
                [altered, try signer.simpleSignature(of: model.version)], asReferrer: isReferrer)
            #expect(try await model.promote() == .trusted)
            let counting = try await model.signatures().filter { $0["counts_for"] == ["verification"] }
            #expect(counting.count == 1)
            #expect(counting.allSatisfy { $0["referrer"] != nil })
            try await model.registry.checkPromises()
        }
    }

    @Test("Simple signatures of several people are over the same payload, and are several")
    func samePayload() async throws {
        let signers = [TestSigner(), TestSigner()]
        let model = try await Model(SigningPolicy.keys(signers, "    threshold: 2\n"))
        let first = try signers[0].simpleSignature(of: model.version)
        try await model.push([first, first])
        await expectError(.policyRefused) { try await model.promote() }
        try await model.push([first, try signers[1].simpleSignature(of: model.version)])
        #expect(try await model.promote() == .trusted)
    }

    @Test("What cannot be a signature takes no place of one, however much of it refers to an artifact")
    func places() async throws {
        let signer = TestSigner()
        let model = try await Model(SigningPolicy.keys([signer]))
        for number in 0..<1_100 {
            try await model.refer(with: Array("{}".utf8), type: "application/spdx+json", number: number)
        }
        try await model.refer(
            with: try signer.bundle(about: [model.version]), type: "application/vnd.dev.sigstore.bundle.v0.3+json")
        #expect(try await model.promote() == .trusted)
        #expect(try await model.signatures().count == 1)
    }

    @Test("Whoever fills the places of pushed signatures keeps nobody from attaching one, or from cosign's tag")
    func filled() async throws {
        let signer = TestSigner()
        for isAttached in [true, false] {
            let model = try await Model(SigningPolicy.keys([signer]))
            for number in 0..<257 {
                try await model.refer(
                    with: Array("{\"n\":\(number)}".utf8), type: "application/vnd.dev.sigstore.bundle.v0.3+json",
                    number: number)
            }
            await expectError(.inspectionUndecided) { try await model.promote() }
            let reasons = try await model.signatures().compactMap { $0["reason"]?.asString }
            #expect(reasons.count == 257)
            #expect(reasons.filter { $0 == "too_many_bundles" }.count == 1)
            if isAttached {
                try await model.attach(try signer.bundle(about: [model.version]))
            } else {
                try await model.push([try signer.simpleSignature(of: model.version)])
            }
            #expect(try await model.promote() == .trusted)
        }
    }

    @Test("A model signature over parts counts if every part is as signed, and a file is read once for it")
    func parts() async throws {
        let signer = TestSigner()
        let model = try await Model(SigningPolicy.keys([signer]))
        var other = model.bytes
        other[other.count - 1] ^= 1
        let bad = [
            try signer.modelSignature(ofParts: 100, of: [("model.gguf", other)]),
            try signer.modelSignature(ofParts: 100, of: [("model.gguf", model.bytes + [0])]),
            try signer.modelSignature(ofParts: 100, of: [("model.gguf", model.bytes.dropLast())]),
            try signer.modelSignature(ofParts: 100, of: [("more.gguf", model.bytes)]),
            try signer.modelSignature(ofParts: 100, of: [("model.gguf", model.bytes), ("more", other)]),
        ]
        for bundle in bad { try await model.attach(bundle) }
        await expectError(.policyRefused) { try await model.promote() }
        #expect(try await model.signatures().map { $0["reason"] } == bad.map { _ in "files_differ" })
        try await model.attach(try signer.modelSignature(ofParts: 64, of: [("model.gguf", model.bytes)]))
        let reads = Mutex(0)
        model.registry.world.blobs.onStep { step, _ in
            if step == .verify { reads.withLock { $0 += 1 } }
        }
        for _ in 0..<3 { #expect(try await model.signatures().last?["counts_for"] == ["verification"]) }
        #expect(reads.withLock { $0 } == 1)
        #expect(try await model.promote() == .trusted)
    }

    @Test("No file is read for the list of somebody whom the policy does not name")
    func strangersParts() async throws {
        let (signer, stranger) = (TestSigner(), TestSigner())
        let late = "    not_before: 2099-01-01T00:00:00Z\n"
        let model = try await Model(SigningPolicy.keys([signer], late))
        #expect(try await model.signatures().isEmpty)
        let reads = Mutex(0)
        model.registry.world.blobs.onStep { step, _ in
            if step == .verify { reads.withLock { $0 += 1 } }
        }
        for signer in [signer, stranger] {
            try await model.attach(try signer.modelSignature(ofParts: 64, of: [("model.gguf", model.bytes)]))
        }
        #expect(try await model.signatures().map { $0["reason"] } == ["time_missing", "signature_invalid"])
        #expect(reads.withLock { $0 } == 0)
    }
}
