import ModelFormats
import OCI
import RegistryCore
import RegistryPorts
import RegistryServices
import RegistryTesting
import StorageMemory
import StrictJSON
import Testing

@Suite("What artifacts say of themselves")
struct FactTests {
    private static let model = ModelBytes.gguf(
        license: "apache-2.0", numbers: [("general.file_type", 15), ("llama.context_length", 131_072)])
    private static let whole = ModelFactsSample(
        kind: .model, format: "gguf", architecture: "llama", quantization: "Q4_K_M", parameterCount: 64,
        contextLength: 131_072, license: "apache-2.0")

    /// `ModelFacts` in an order that is easy to write.
    private struct ModelFactsSample: Equatable {
        var kind: ModelMediaType.Kind
        var format: String?
        var architecture: String?
        var quantization: String?
        var parameterCount: UInt64?
        var contextLength: UInt64?
        var license: String?
    }

    private func facts(_ name: String, _ registry: TestRegistry) async throws -> ModelFactsSample {
        let facts = try #require(await registry.facts.facts(of: try await registry.record(name)))
        return ModelFactsSample(
            kind: facts.kind, format: facts.format, architecture: facts.architecture,
            quantization: facts.quantization, parameterCount: facts.parameterCount,
            contextLength: facts.contextLength, license: facts.license)
    }

    /// Pushes layers and has them inspected by a promote, whatever comes of that.
    private func push(
        _ layers: [TestRegistry.Layer], artifactType: MediaType? = ModelPack.artifactType,
        annotations: [String: String] = [:], _ registry: TestRegistry
    ) async throws -> String {
        let bytes = try await registry.manifest(
            layers, in: "team/a", artifactType: artifactType, annotations: annotations)
        let version = try await registry.publish(bytes, in: "team/a").version
        _ = try? await registry.promote("team/a@\(version)")
        return "team/a@\(version)"
    }

    @Test("Of a model that the model API took in, before and after it is trusted, and after a restart")
    func acquired() async throws {
        try await TestRegistry.scenario { registry in
            try await registry.acquire("tiny", Self.model)
            #expect(try await facts("tiny", registry) == Self.whole)
            try await registry.promote("tiny")
            #expect(try await facts("tiny", registry) == Self.whole)
            let restarted = try await registry.restarted()
            #expect(try await facts("tiny", restarted) == Self.whole)
        }
    }

    @Test("Of a pushed model what its manifest declares, and once it is inspected what its files say")
    func pushed() async throws {
        try await TestRegistry.scenario { registry in
            let version = try await registry.push(Self.model, to: "team/a").version
            let name = "team/a@\(version)"
            #expect(try await facts(name, registry) == ModelFactsSample(kind: .model))
            try await registry.promote(name)
            #expect(try await facts(name, registry) == Self.whole)
            // In memory by now.
            #expect(try await facts(name, registry) == Self.whole)
        }
    }

    @Test("Weights in parts are one model, whose configuration says what they do not")
    func parts() async throws {
        try await TestRegistry.scenario { registry in
            let configuration = JSONValue.object([
                "model_type": "llama", "architectures": ["LlamaForCausalLM"], "max_position_embeddings": 4_096,
            ]).encoded()
            let name = try await push(
                [
                    .init(ModelBytes.safetensors(seed: 1), title: "model-1-of-2.safetensors"),
                    .init(ModelBytes.safetensors(seed: 2), title: "model-2-of-2.safetensors"),
                    .init(configuration, title: "config.json"),
                    .init(Array(#"{"model_type": "clip", "max_position_embeddings": 1}"#.utf8), title: "a/config.json"),
                ], annotations: ["org.opencontainers.image.licenses": "MIT"], registry)
            #expect(
                try await facts(name, registry)
                    == ModelFactsSample(
                        kind: .model, format: "safetensors", architecture: "LlamaForCausalLM", quantization: "F32",
                        parameterCount: 64, contextLength: 4_096, license: "MIT"))
        }
    }

    @Test("The largest file of weights is the model, and what another one beside it holds is not counted")
    func projector() async throws {
        try await TestRegistry.scenario { registry in
            let projector = ModelBytes.gguf(seed: 3, texts: [("general.type", "mmproj")])
            let name = try await push(
                [.init(projector, title: "mmproj.gguf"), .init(Self.model, title: "model.gguf")], registry)
            #expect(try await facts(name, registry) == Self.whole)
        }
    }

    @Test("An adapter is one by its own metadata, or by the configuration of PEFT beside it")
    func adapters() async throws {
        try await TestRegistry.scenario { registry in
            let lora = ModelBytes.gguf(texts: [("general.type", "adapter")])
            let peft = Array(#"{"peft_type": "LORA", "base_model_name_or_path": "org/base"}"#.utf8)
            for layers: [TestRegistry.Layer] in [
                [.init(lora, title: "lora.gguf")],
                [
                    .init(ModelBytes.safetensors(), title: "adapter_model.safetensors"),
                    .init(peft, title: "adapter_config.json"),
                ],
            ] {
                let name = try await push(layers, registry)
                #expect(try await facts(name, registry).kind == .adapter)
            }
        }
    }

    @Test("Weights under a type that nobody knows are a model; what is no model has no facts of one")
    func kinds() async throws {
        try await TestRegistry.scenario { registry in
            let unknown = try #require(MediaType("application/x-unknown"))
            let model = try await push([.init(Self.model, title: "m.gguf")], artifactType: unknown, registry)
            #expect(try await facts(model, registry).kind == .model)
            let text = try await push([.init(Array("text\n".utf8), title: "a.txt")], artifactType: unknown, registry)
            #expect(try await facts(text, registry) == ModelFactsSample(kind: .artifact))
            let chart = try #require(MediaType("application/vnd.cncf.helm.config.v1+json"))
            let name = try await push([.init(Array("x".utf8), title: "chart.tgz")], artifactType: chart, registry)
            #expect(try await facts(name, registry) == ModelFactsSample(kind: .chart))
        }
    }

    @Test("Texts from files are visible and short, and numbers that cannot be are left out")
    func hostile() async throws {
        try await TestRegistry.scenario { registry in
            let hostile = ModelBytes.gguf(
                license: "\u{1B}[2J\u{202E}" + String(repeating: "l", count: 500),
                texts: [("llama.context_length", "many")])
            let name = try await push([.init(hostile, title: "model.gguf")], registry)
            let facts = try await facts(name, registry)
            let license = try #require(facts.license)
            #expect(license.unicodeScalars.count <= ModelFacts.textScalarsMax + 1)
            #expect(license == VisibleText.escapingControls(license))
            #expect(license.hasPrefix("\\u{1b}[2J"))
            #expect(facts.contextLength == nil)
        }
    }

    @Test("Where evidence is altered or gone, what the manifest says is still told, and nothing else")
    func alteredEvidence() async throws {
        try await TestRegistry.scenario(leaving: [.evidenceDamaged]) { registry in
            let name = try await push([.init(Self.model, title: "model.gguf")], registry)
            let evidence = try #require(try await registry.record(name).inspection?.evidence)
            let bytes = try #require(try await registry.store.evidenceDocument(evidence))
            let altered = Array(String(decoding: bytes, as: UTF8.self).replacing("apache-2.0", with: "whatever!!").utf8)
            #expect(altered != bytes)
            registry.world.store.tamper(.evidenceDocument(evidence, altered))
            let restarted = try await registry.restarted()
            #expect(try await facts(name, restarted) == ModelFactsSample(kind: .model))
            // It is not read again at each request.
            registry.world.store.tamper(.evidenceDocument(evidence, bytes))
            #expect(try await facts(name, restarted) == ModelFactsSample(kind: .model))
            registry.world.store.tamper(.evidenceDocument(evidence, altered))
        }
    }

    @Test("What is known of a version is not read again, and is forgotten when its record changes")
    func remembered() async throws {
        try await TestRegistry.scenario(leaving: [.evidenceDamaged]) { registry in
            let name = try await push([.init(Self.model, title: "model.gguf")], registry)
            let told = try await facts(name, registry)
            let evidence = try #require(try await registry.record(name).inspection?.evidence)
            registry.world.store.tamper(.evidenceDocument(evidence, []))
            #expect(try await facts(name, registry) == told)
            try await registry.revoke(name)
            #expect(try await facts(name, registry) == ModelFactsSample(kind: .model))
        }
    }

    @Test("Evidence that is too large is not read for this")
    func largeEvidence() async throws {
        try await TestRegistry.scenario { registry in
            let name = try await push([.init(Self.model, title: "model.gguf")], registry)
            let record = try await registry.record(name)
            let evidence = try #require(record.inspection?.evidence)
            let size = try #require(try await registry.store.evidenceDocument(evidence)).count
            for (bytesMax, format) in [(size, "gguf"), (size - 1, nil)] {
                let restarted = try await registry.restarted()
                let reading = FactReading(
                    directory: restarted.directory, store: restarted.store, manifests: restarted.manifests,
                    examination: restarted.examination, evidenceBytesMax: bytesMax)
                #expect(await reading.facts(of: record)?.format == format)
            }
        }
    }
}
