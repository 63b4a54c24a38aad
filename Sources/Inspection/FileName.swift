import ModelFormats

/// What the name of a file promises. It can only make a verdict worse.
enum FileName {
    private static let scripts: Set<String> = [
        "py", "pyw", "pyi", "ipynb", "sh", "bash", "zsh", "fish", "ps1", "psm1", "bat", "cmd", "js", "mjs", "cjs", "ts",
        "rb", "pl", "php", "lua", "r", "vbs", "vbe", "jse", "wsf", "wsh", "hta", "jl", "tcl", "command", "desktop",
        "reg", "gemspec", "applescript", "scpt", "awk", "csh", "ksh", "xsl", "xslt",
    ]
    /// Files that programs run because they are called so.
    private static let scriptNames: Set<String> = [
        "makefile", "gnumakefile", "dockerfile", "containerfile", "jenkinsfile", "rakefile", ".rprofile", ".bashrc",
        ".bash_profile", ".bash_login", ".profile", ".zshrc", ".zshenv", ".envrc", ".gitmodules",
    ]
    /// Texts in which a browser runs scripts.
    private static let pages: Set<String> = ["html", "htm", "xhtml", "svg", "mhtml"]
    private static let templates: Set<String> = ["jinja", "jinja2", "j2", "template", "tmpl"]
    private static let pickles: Set<String> = [
        "pkl", "pickle", "pck", "pcl", "p", "joblib", "dill", "pt", "pth", "ckpt", "bin", "dat", "data", "sav", "model",
    ]
    private static let text: Set<FileFormat> = [.text, .json, .template, .script, .gitLFSPointer]

    private static let expected: [String: Set<FileFormat>] = [
        "gguf": [.gguf], "safetensors": [.safetensors], "json": [.json], "jsonl": [.json, .text],
        "txt": text, "md": text, "rst": text, "yaml": text, "yml": text, "toml": text, "csv": text, "tsv": text,
        "jinja": text, "j2": text, "jinja2": text, "py": text, "sh": text,
        "pkl": [.pickle], "pickle": [.pickle], "joblib": [.pickle, .gzip, .zlib, .zip, .lz4, .bzip2, .xz],
        "pt": [.pickle, .zip, .tar], "pth": [.pickle, .zip, .tar], "ckpt": [.pickle, .zip, .hdf5],
        "ptl": [.zip], "pt2": [.zip], "mar": [.zip], "skops": [.zip], "nemo": [.tar, .gzip],
        "onnx": [.onnx], "pb": [.tensorFlow, .protobuf, .onnx], "pbtxt": text, "h5": [.hdf5], "hdf5": [.hdf5],
        "keras": [.zip, .hdf5],
        "npy": [.numpy], "npz": [.zip], "zip": [.zip], "whl": [.zip], "egg": [.zip], "jar": [.zip], "tar": [.tar],
        "gz": [.gzip], "tgz": [.gzip], "zst": [.zstandard], "tzst": [.zstandard], "xz": [.xz], "txz": [.xz],
        "bz2": [.bzip2], "tbz2": [.bzip2], "lz4": [.lz4], "7z": [.sevenZip], "rar": [.rar],
        "tflite": [.tensorFlowLite],
        // What R writes as text begins with a letter, and is run by reading it all the same.
        "rds": [.gzip, .bzip2, .xz, .unknown], "rda": [.gzip, .bzip2, .xz, .unknown],
        "rdata": [.gzip, .bzip2, .xz, .unknown],
        "parquet": [.parquet], "arrow": [.arrow], "png": [.image], "jpg": [.image], "jpeg": [.image], "gif": [.image],
        "webp": [.image], "pdf": [.pdf], "wav": [.audio], "flac": [.audio], "mp3": [.audio],
    ]

    /// The part behind the last dot of the last path component, in small letters.
    static func suffix(_ name: String) -> String? {
        let last = name.utf8.split(separator: UInt8(ascii: "/")).last ?? name.utf8[...]
        guard let dot = last.lastIndex(of: UInt8(ascii: ".")), dot != last.startIndex else { return nil }
        return String(Substring(last[last.index(after: dot)...])).lowercased()
    }

    static func isScript(_ name: String) -> Bool {
        suffix(name).map(scripts.contains) ?? false || scriptNames.contains(RepositoryText.last(name).lowercased())
    }

    /// Whether the name leaves open what kind of text it is.
    static func isUnnamedText(_ name: String) -> Bool {
        suffix(name).map { ["txt", "conf", "config", "params", "hparams", "ini", "cfg", "data"].contains($0) } ?? true
    }

    static func isPage(_ name: String) -> Bool { suffix(name).map(pages.contains) ?? false }

    static func isTemplate(_ name: String) -> Bool { suffix(name).map(templates.contains) ?? false }

    /// Whether programs load such files as pickles without looking at them first.
    static func isPickle(_ name: String) -> Bool { suffix(name).map(pickles.contains) ?? false }

    /// Whether it is one of the files over which a checkpoint of TensorFlow spreads values: `NAME.data-00000-of-00001`.
    static func isVariables(_ name: String) -> Bool {
        guard let suffix = suffix(name) else { return false }
        let parts = suffix.split(separator: "-", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "data" && parts[2] == "of"
            && [parts[1], parts[3]].allSatisfy { part in
                part.utf8.count == 5 && part.utf8.allSatisfy { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
            }
    }

    static func isTextGraph(_ name: String) -> Bool { suffix(name) == "pbtxt" }

    static func isJSON(_ name: String) -> Bool { suffix(name) == "json" }

    private static let compressed: [String: String] = [
        "gz": "", "zst": "", "xz": "", "bz2": "", "z": "", "tgz": ".tar", "tzst": ".tar", "txz": ".tar", "tbz2": ".tar",
    ]

    /// The name of what a compressed file holds: without the suffix that says how it is compressed.
    static func decoded(_ name: String) -> String {
        // What R writes is compressed under the same name.
        if let suffix = suffix(name), ["rds", "rda", "rdata"].contains(suffix) { return name }
        guard let suffix = suffix(name), let replacement = compressed[suffix] else {
            // What a name promises is kept by the compressed file, not by what is in it.
            return ""
        }
        return String(decoding: name.utf8.dropLast(suffix.utf8.count + 1), as: UTF8.self) + replacement
    }

    /// Whether the name promises a format that the content does not have.
    static func contradicts(_ name: String, _ format: FileFormat) -> Bool {
        guard let suffix = suffix(name), let formats = expected[suffix] else { return false }
        return !formats.contains(format)
    }
}
