package import OCI

/// Under which paths the blobs of a pushed manifest are inspected, and shown to runtimes.
///
/// A layer goes by the name that its annotations give it, else by what its media type says, else by its place. The same
/// manifest always gives the same paths, and no path twice.
package enum LayerNames {
    /// The config, out of the way of whatever the layers are called.
    package static let config = ".oci/config.json"

    package static func files(of manifest: Manifest) -> [ArtifactFile] {
        var names = UniquePaths()
        var files = [names.take(config, or: config, of: manifest.config)]
        for (index, layer) in manifest.layers.enumerated() where !layer.mediaType.isNonDistributable {
            let fallback = "layers/\(index)\(suffix(of: layer.mediaType))"
            files.append(names.take(proposed(for: layer) ?? fallback, or: fallback, of: layer))
        }
        return files.compactMap(\.self)
    }

    private static func proposed(for layer: Descriptor) -> String? {
        layer.annotations[ModelPack.Annotation.filepath] ?? layer.annotations[ImageAnnotation.title]
            ?? ModelMediaType.filename(of: layer.mediaType)
    }

    /// What the structured suffix of a media type (RFC 6838 §4.2.8) is called as an extension.
    private static func suffix(of mediaType: MediaType) -> String {
        let name = mediaType.name
        let isTar = name.contains(".tar") || name.contains("rootfs.diff")
        if name.hasSuffix("+gzip") || name.hasSuffix(".gzip") { return isTar ? ".tar.gz" : ".gz" }
        if name.hasSuffix("+zstd") { return isTar ? ".tar.zst" : ".zst" }
        if name.hasSuffix("+json") { return ".json" }
        return isTar ? ".tar" : ""
    }
}

/// Paths that were given already, and the folders that they lie in.
private struct UniquePaths {
    private var files: Set<String> = []
    private var folders: Set<String> = []

    /// - Returns: `nil` when neither name can be a path, which no fallback of ours is.
    mutating func take(_ text: String, or fallback: String, of blob: Descriptor) -> ArtifactFile? {
        for candidate in [text, fallback, "layers/\(files.count)/\(fallback)"] {
            guard let path = try? RelativePath(parsing: candidate), claim(path) else { continue }
            return ArtifactFile(
                path: path, digest: blob.digest, sizeBytes: blob.size, isImageLayer: blob.mediaType.isImageLayer)
        }
        return nil
    }

    private mutating func claim(_ path: RelativePath) -> Bool {
        var parents: [String] = []
        for component in path.components.dropLast() {
            parents.append(parents.last.map { "\($0)/\(component)" } ?? String(component))
        }
        guard !files.contains(path.description), !folders.contains(path.description),
            !parents.contains(where: files.contains)
        else { return false }
        files.insert(path.description)
        folders.formUnion(parents)
        return true
    }
}
