import ModelFormats

extension InspectionReport {
    /// What the file can do to whoever loads it, in the words of policies: a group for its format and for that of
    /// everything inside.
    ///
    /// Text in an archive does nothing; an empty one holds nothing that could be named. A format without a group is
    /// `unknown`: what cannot be named cannot be admitted.
    public var formatGroups: Set<String> {
        let outer = Self.group(of: format.rawValue)
        guard let contents = self[.contents] else { return outer == Self.archive ? [outer, Self.unknown] : [outer] }
        let names = Set(contents.split(separator: ",").map { String($0) })
        let inner = names.subtracting([Fact.torchArchive, Fact.kerasArchive]).map { Self.group(of: $0) }
        let groups = Set(inner).subtracting(["text", Self.archive])
        // A checkpoint of PyTorch is a pickle, and what was compressed alone is what it was before.
        let isTorch = names.contains(Fact.torchArchive) && groups == ["pickle"]
        // A model of Keras is its description, and weights in HDF5.
        if names.contains(Fact.kerasArchive), groups.isSubset(of: ["hdf5"]) { return ["keras"] }
        let isWrapped = Self.wrappers.contains(format) && !inner.contains(Self.archive)
        return (isTorch || isWrapped) && !groups.isEmpty ? groups : groups.union([outer])
    }

    private static let archive = "archive"
    private static let unknown = "unknown"
    private static let wrappers: Set<FileFormat> = [.gzip, .zlib, .bzip2, .xz, .zstandard, .lz4]

    private static func group(of format: String) -> String { groups[format] ?? unknown }

    private static let groups: [String: String] = [
        "gguf": "gguf", "safetensors": "safetensors", "npy": "numpy", "onnx": "onnx", "tflite": "tflite",
        "ggml": "ggml",
        "hdf5": "hdf5", "keras": "keras", "savedmodel": "savedmodel", "tensorflow": "savedmodel", "pickle": "pickle",
        "zip": "archive", "tar": "archive", "gzip": "archive", "zlib": "archive", "bzip2": "archive", "xz": "archive",
        "zstd": "archive", "lz4": "archive", "7z": "archive", "rar": "archive", "json": "text", "text": "text",
        "git-lfs-pointer": "text", "jinja": "template", "script": "script", "parquet": "data", "arrow": "data",
        "sqlite": "data", "sentencepiece": "data", "pdf": "media", "image": "media", "audio": "media",
        "elf": "executable", "pe": "executable",
        "mach-o": "executable", "wasm": "executable", "java-class": "executable",
    ]
}
