import StrictJSON

/// Annotations, ordered by the bytes of their keys so that the same set always gives the same JSON.
enum Annotations {
    static func json(_ annotations: [String: String]) -> JSONValue? {
        guard !annotations.isEmpty else { return nil }
        let ordered = annotations.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        return .object(JSONObject(ordered.map { ($0.key, .string($0.value)) }))
    }
}

/// Keys that the image specification defines (image-spec 1.1, annotations.md).
public enum ImageAnnotation {
    /// What people call it; of a layer, the name of its file.
    public static let title = "org.opencontainers.image.title"
    /// Under which licenses it is, as an SPDX expression.
    public static let licenses = "org.opencontainers.image.licenses"
}
