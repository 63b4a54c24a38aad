/// Media types of models that other ecosystems push, as far as they say what a layer's file would be called.
///
/// Sources: ollama `server/images.go` and `types/model`; docker/model-runner `pkg/distribution/types`.
public enum ModelMediaType {
    /// What the file of a layer is called where no annotation names it; `nil` for a type that says nothing of it.
    public static func filename(of mediaType: MediaType) -> String? {
        names[mediaType.name]
    }

    private static let names = [
        "application/vnd.ollama.image.model": "model.gguf",
        "application/vnd.ollama.image.projector": "projector.gguf",
        "application/vnd.ollama.image.adapter": "adapter.gguf",
        "application/vnd.ollama.image.draft": "draft.gguf",
        "application/vnd.ollama.image.template": "template.txt",
        "application/vnd.ollama.image.system": "system.txt",
        "application/vnd.ollama.image.prompt": "prompt.txt",
        "application/vnd.ollama.image.params": "params.json",
        "application/vnd.ollama.image.messages": "messages.json",
        "application/vnd.ollama.image.license": "LICENSE",
        "application/vnd.docker.ai.gguf.v3": "model.gguf",
        "application/vnd.docker.ai.mmproj": "mmproj.gguf",
        "application/vnd.docker.ai.safetensors": "model.safetensors",
        "application/vnd.docker.ai.license": "LICENSE",
        "application/vnd.docker.ai.chat.template.jinja": "chat_template.jinja",
        "application/vnd.docker.ai.dduf": "model.dduf",
        "application/vnd.cncf.model.weight.v1.gguf": "model.gguf",
        "application/vnd.cncf.model.weight.v1.safetensors": "model.safetensors",
    ]

    private static let ollamaPrefix = "application/vnd.ollama.image."

    /// What an artifact is, by what it declares to be: for listings. What it holds is for an inspection to say.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        case model, adapter, image, index, chart, signature, attestation, artifact
    }

    /// As `kind(of:layers:)`, of a manifest.
    public static func kind(of manifest: Manifest) -> Kind {
        kind(of: manifest.effectiveArtifactType, layers: manifest.layers.map(\.mediaType))
    }

    /// - Parameters:
    ///   - artifactType: the manifest's, or the config's media type where that is absent.
    public static func kind(of artifactType: MediaType, layers: [MediaType]) -> Kind {
        let type = artifactType.name
        if type.hasPrefix("application/vnd.cncf.helm.") { return .chart }
        if type.hasPrefix("application/vnd.dev.sigstore.bundle") { return .signature }
        if type.hasPrefix("application/vnd.in-toto") { return .attestation }
        let isModel = ["application/vnd.cncf.model.", "application/vnd.docker.ai.", "application/vnd.kitops.modelkit."]
            .contains { type.hasPrefix($0) }
        let ofOllama = layers.filter { $0.name.hasPrefix(ollamaPrefix) }
        if ofOllama.contains(where: { $0.name == ollamaPrefix + "adapter" }),
            !ofOllama.contains(where: { $0.name == ollamaPrefix + "model" })
        {
            return .adapter
        }
        if isModel || !ofOllama.isEmpty { return .model }
        if layers.contains(where: { $0.name == "application/vnd.dev.cosign.simplesigning.v1+json" }) {
            return .signature
        }
        if layers.contains(where: { $0.name == "application/vnd.dsse.envelope.v1+json" }) { return .attestation }
        if artifactType == .imageConfig || type == "application/vnd.docker.container.image.v1+json" { return .image }
        return .artifact
    }
}
