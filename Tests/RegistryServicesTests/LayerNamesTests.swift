import OCI
import RegistryCore
import RegistryServices
import RegistryTesting
import Testing

/// Under which names layers are inspected: seen through what a promote finds, because names are the service's own.
@Suite("Names of layers")
struct LayerNamesTests {
    private func files(
        _ layers: [TestRegistry.Layer], _ registry: TestRegistry, _ repository: String
    ) async throws -> [String] {
        let bytes = try await registry.manifest(layers, in: repository)
        let published = try await registry.publish(bytes, in: repository)
        return try await registry.manifests.files(
            of: ArtifactKey(tenant: .default, version: published.version)
        ).map(\.path.description)
    }

    @Test("An annotation names a layer, else its media type, else its place; and no name stands twice")
    func names() async throws {
        try await TestRegistry.scenario { registry in
            func media(_ name: String) throws -> MediaType { try #require(MediaType(name)) }
            let layers: [TestRegistry.Layer] = [
                .init([1], title: "weights/model.safetensors"),
                .init([2], mediaType: try media("application/vnd.ollama.image.model")),
                .init([3], mediaType: try media("application/vnd.ollama.image.license")),
                .init([4], mediaType: try media("application/vnd.ollama.image.license")),
                .init([5], mediaType: try media("application/vnd.oci.image.layer.v1.tar+gzip")),
                .init([6], title: "../../etc/passwd"),
                .init([7], title: "weights"),
                .init([8], title: "weights/model.safetensors/inner"),
                .init([9], title: ".oci/config.json", mediaType: .octetStream),
                .init([10], mediaType: try media("application/vnd.docker.ai.chat.template.jinja")),
            ]
            #expect(
                try await files(layers, registry, "team/names") == [
                    ".oci/config.json", "weights/model.safetensors", "model.gguf", "LICENSE", "layers/3",
                    "layers/4.tar.gz",
                    "layers/5", "layers/6", "layers/7", "layers/8", "chat_template.jinja",
                ])
        }
    }

    @Test("A model is inspected as one whatever its media type says, and code is not admitted for its name")
    func inspected() async throws {
        try await TestRegistry.scenario { registry in
            let type = try #require(MediaType("application/vnd.ollama.image.model"))
            let good = try await registry.manifest([.init(ModelBytes.gguf(), mediaType: type)], in: "library/tiny")
            try await registry.publish(good, in: "library/tiny", tags: ["latest"])
            try await registry.promote(try await registry.name("library/tiny:latest"))
            let pickle: [UInt8] = [0x80, 4, 0x5D, 0x94, 0x2E]
            let bad = try await registry.manifest([.init(pickle, mediaType: type)], in: "library/bad")
            try await registry.publish(bad, in: "library/bad", tags: ["latest"])
            let name = try await registry.name("library/bad:latest")
            await expectError(.policyRefused) { try await registry.promote(name) }
        }
    }

    @Test(
        "What an artifact declares to be",
        arguments: [
            ("application/vnd.cncf.model.manifest.v1+json", "", "model"),
            ("application/vnd.docker.ai.model.config.v0.1+json", "", "model"),
            ("application/vnd.kitops.modelkit.config.v1+json", "", "model"),
            ("application/vnd.docker.container.image.v1+json", "application/vnd.ollama.image.model", "model"),
            ("application/vnd.docker.container.image.v1+json", "application/vnd.ollama.image.adapter", "adapter"),
            ("application/vnd.docker.container.image.v1+json", "application/vnd.oci.image.layer.v1.tar", "image"),
            (
                "application/vnd.oci.image.config.v1+json", "application/vnd.dev.cosign.simplesigning.v1+json",
                "signature"
            ),
            ("application/vnd.cncf.helm.config.v1+json", "", "chart"),
            ("application/vnd.dev.sigstore.bundle.v0.3+json", "", "signature"),
            ("application/vnd.in-toto+json", "", "attestation"), ("application/x-unknown", "", "artifact"),
        ])
    func kinds(_ type: String, _ layer: String, _ kind: String) throws {
        let layers = try layer.isEmpty ? [] : [#require(MediaType(layer))]
        #expect(ModelMediaType.kind(of: try #require(MediaType(type)), layers: layers).rawValue == kind)
    }
}
