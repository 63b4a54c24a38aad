/// The names of the CNCF ModelPack specification (model-spec, `specs-go/v1`).
public enum ModelPack {
    /// `artifactType` of a model's manifest.
    public static let artifactType = MediaType(known: "application/vnd.cncf.model.manifest.v1+json")
    /// `mediaType` of a manifest's config.
    public static let config = MediaType(known: "application/vnd.cncf.model.config.v1+json")

    /// What the file of a layer is for.
    public enum Role: String, Sendable, Hashable, CaseIterable {
        case weight
        /// Files that belong to the weights: `config.json`, `tokenizer.json`.
        case weightConfig = "weight.config"
        case doc
        case code
        case dataset
    }

    /// How a layer holds its files.
    public enum Packaging: String, Sendable, Hashable, CaseIterable {
        /// One file as it is.
        case raw
        case tar
        case tarGzip = "tar+gzip"
        case tarZstd = "tar+zstd"
    }

    public static func layer(_ role: Role, _ packaging: Packaging = .raw) -> MediaType {
        MediaType(known: "\(layerPrefix)\(role.rawValue).v1.\(packaging.rawValue)")
    }

    /// What a layer's media type says, or `nil` when it is not one of this specification.
    public static func roleAndPackaging(of mediaType: MediaType) -> (role: Role, packaging: Packaging)? {
        guard mediaType.name.hasPrefix(layerPrefix) else { return nil }
        return layers[mediaType]
    }

    private static let layerPrefix = "application/vnd.cncf.model."

    private static let layers: [MediaType: (Role, Packaging)] = Dictionary(
        uniqueKeysWithValues: Role.allCases.flatMap { role in
            Packaging.allCases.map { packaging in (layer(role, packaging), (role, packaging)) }
        })

    /// Keys of a layer's annotations.
    public enum Annotation {
        /// Path of the file, relative to the model's directory.
        public static let filepath = "org.cncf.model.filepath"
        /// JSON with name, mode, owner, size and time of the file.
        public static let fileMetadata = "org.cncf.model.file.metadata+json"
        /// `true` when the media type was guessed.
        public static let mediaTypeUntested = "org.cncf.model.file.mediatype.untested"
    }
}
