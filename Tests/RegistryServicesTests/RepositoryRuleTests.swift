import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import Sigstore
import Testing

@Suite("Rules about repositories that a version is not named by")
struct RepositoryRuleTests {
    private static let bundleType = "application/vnd.dev.sigstore.bundle.v0.3+json"

    /// Signatures are asked for in `acme` alone.
    private static func scenario(_ body: (TestRegistry, TestSigner) async throws -> Void) async throws {
        let signer = TestSigner()
        let policy = SigningPolicy.keys([signer], "    names: [acme/*]\n")
        let registry = try await TestRegistry(try TestWorld(), policy: policy)
        try await body(registry, signer)
        try await registry.checkPromises()
    }

    /// A version that was pushed where nothing is asked for, was promoted there, and lies in `acme`, too.
    private static func place(_ registry: TestRegistry) async throws -> (version: Digest, name: String) {
        let version = try await registry.push(ModelBytes.gguf(), to: "free/llama", tags: ["v1"]).version
        let name = try await registry.name("free/llama:v1")
        #expect(try await registry.promote(name).state == .trusted)
        #expect(try await registry.push(ModelBytes.gguf(), to: "acme/llama", tags: ["v1"]).version == version)
        return (version, name)
    }

    private static func expectRefused(_ registry: TestRegistry) async throws {
        await expectError(.notTrusted) { try await registry.pull("v1", from: "acme/llama") }
        let blob = try Digest(hashing: ModelBytes.gguf())
        let repository = try TestRegistry.repository("acme/llama")
        await expectError(.notTrusted) {
            try await registry.distribution.repositories.blob(blob, in: repository, .gate)
        }
        let name = try ArtifactName(parsing: try await registry.name("acme/llama:v1"))
        await expectError(.notTrusted) { try await registry.runtimePaths.path(of: name, in: repository) }
    }

    @Test("What was admitted where no signature is asked for is not had from a repository that asks for one")
    func elsewhere() async throws {
        try await Self.scenario { registry, _ in
            let (version, name) = try await Self.place(registry)
            try await Self.expectRefused(registry)
            // Neither does another promote make it one that was signed, nor take it from where it may be had.
            #expect(try await registry.promote(name).state == .trusted)
            try await Self.expectRefused(registry)
            #expect(try await registry.pull("v1", from: "free/llama").digest == version)
        }
    }

    @Test("Once it is signed another promote lets it be had from there, wherever the signature lies")
    func signed() async throws {
        for isAttached in [true, false] {
            try await Self.scenario { registry, signer in
                let (version, name) = try await Self.place(registry)
                let bundle = try signer.bundle(about: [version])
                if isAttached {
                    _ = try await registry.bundles.attach(
                        bundle, to: try ArtifactName(parsing: name), TestRegistry.caller)
                } else {
                    let type = try #require(MediaType(Self.bundleType))
                    let subject = Descriptor(mediaType: .imageManifest, digest: version, size: 1)
                    let carrier = try await registry.manifest(
                        [TestRegistry.Layer(bundle, mediaType: type)], in: "acme/llama", subject: subject,
                        artifactType: type)
                    try await registry.publish(carrier, in: "acme/llama")
                }
                try await Self.expectRefused(registry)
                #expect(try await registry.promote(name).state == .trusted)
                #expect(try await registry.pull("v1", from: "acme/llama").digest == version)
                let events = try await registry.events(of: name).count
                #expect(try await registry.promote(name).state == .trusted)
                #expect(try await registry.events(of: name).count == events)
            }
        }
    }

    @Test("A signature by somebody else changes nothing")
    func stranger() async throws {
        try await Self.scenario { registry, _ in
            let (version, name) = try await Self.place(registry)
            _ = try await registry.bundles.attach(
                try TestSigner().bundle(about: [version]), to: try ArtifactName(parsing: name), TestRegistry.caller)
            #expect(try await registry.promote(name).state == .trusted)
            try await Self.expectRefused(registry)
        }
    }

    @Test("What came in by the model API is held to the rules of the repository that it is pushed into")
    func acquired() async throws {
        try await Self.scenario { registry, _ in
            let record = try await registry.trust("free/llama", ModelBytes.gguf())
            let contents = try await registry.manifests.contents(of: record.key)
            let config = try #require(contents.configDocument)
            let document = try #require(try await registry.store.manifest(config.digest))
            for blob in [ModelBytes.gguf(), document] { try await registry.receive(blob, in: "acme/llama") }
            try await registry.publish(contents.manifest, in: "acme/llama", tags: ["v1"])
            await expectError(.notTrusted) { try await registry.pull("v1", from: "acme/llama") }
            #expect(try await registry.pull("latest", from: "free/llama").digest == record.key.version)
        }
    }
}
