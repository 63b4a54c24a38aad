public import StrictJSON

/// What a manifest may cost.
public struct ManifestLimits: Sendable, Hashable {
    public var json: JSONLimits
    public var layersMax: Int
    /// Manifests that one index lists.
    public var manifestsMax: Int
    /// Annotations of one descriptor, or of the manifest.
    public var annotationsMax: Int

    public init(json: JSONLimits, layersMax: Int, manifestsMax: Int = 10_000, annotationsMax: Int) {
        self.json = json
        self.layersMax = layersMax
        self.manifestsMax = manifestsMax
        self.annotationsMax = annotationsMax
    }

    /// 4 MiB, which distribution-spec asks a registry to accept at least; a layer for each file of a large checkout.
    public static let standard = ManifestLimits(
        json: JSONLimits(bytesMax: 4 << 20, nodesMax: 1 << 18, stringBytesMax: 1 << 20),
        layersMax: 10_000,
        annotationsMax: 1_000
    )
}
