public import StrictJSON

/// Why bytes are no manifest. Fields are named by their path, such as `layers[2].digest`.
public enum ManifestFault: Error, Sendable, Hashable {
    case notJSON(JSONFault)
    case missing(String)
    case wrongType(String, expected: String)
    case unsupportedSchemaVersion
    case unsupportedMediaType(String)
    case invalidMediaType(String)
    case invalidDigest(String, DigestFault)
    case sizeOutOfRange(String)
    case tooManyLayers(max: Int)
    case tooManyManifests(max: Int)
    /// Members of an index and of another manifest in one document: two readers would see two things
    /// (CVE-2021-41190).
    case ambiguous
    case tooManyAnnotations(String, max: Int)
    /// manifest.md: `artifactType` must be set when the config is the empty one.
    case artifactTypeRequired
}

extension ManifestFault: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notJSON(let fault): "the manifest cannot be read: \(fault)"
        case .missing(let field): "\(field) is missing"
        case .wrongType(let field, let expected): "\(field) must be \(expected)"
        case .unsupportedSchemaVersion: "schemaVersion must be 2"
        case .unsupportedMediaType(let field): "\(field) is not a manifest's media type"
        case .invalidMediaType(let field): "\(field) is not a media type"
        case .invalidDigest(let field, let fault): "\(field): \(fault)"
        case .sizeOutOfRange(let field): "\(field) is out of range"
        case .tooManyLayers(let max): "a manifest has at most \(max) layers"
        case .tooManyManifests(let max): "an index has at most \(max) manifests"
        case .ambiguous: "a document has either manifests, or config and layers"
        case .tooManyAnnotations(let field, let max): "\(field) has more than \(max) members"
        case .artifactTypeRequired: "artifactType must be set when config is empty"
        }
    }
}
