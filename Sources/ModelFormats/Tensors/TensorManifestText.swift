import OCI

extension TensorManifest.Mismatch {
    private static let hashPrefix = 16

    /// The line that `verify-manifest` prints. Control characters in names are escaped: a name must not move
    /// the cursor.
    public var line: String {
        switch self {
        case .digest(let name, let expected, let actual):
            "\(Self.text(name)): hash mismatch (expected \(Self.short(expected.hex)), got \(Self.short(actual.hex)))"
        case .notInManifest(let name): "\(Self.text(name)): not in manifest"
        case .notInFile(let name): "\(Self.text(name)): not in file"
        case .repeatedName(let name): "\(Self.text(name)): name is repeated"
        case .typeName(let name, let expected, let actual):
            "\(Self.text(name)): type mismatch (expected \(Self.text(expected)), got \(Self.text(actual)))"
        case .shape(let name, let expected, let actual):
            "\(Self.text(name)): shape mismatch (expected \(expected), got \(actual))"
        case .offset(let name, let expected, let actual):
            "\(Self.text(name)): offset mismatch (expected \(expected), got \(actual))"
        case .sizeBytes(let name, let expected, let actual):
            "\(Self.text(name)): data_size mismatch (expected \(expected), got \(actual))"
        case .elementCount(let name, let expected, let actual):
            "\(Self.text(name)): element_count mismatch (expected \(expected), got \(actual))"
        case .order: "tensors: order mismatch"
        case .fileDigest(let expected, let actual): Self.line("file_hash", expected.hex, actual.hex)
        case .structureHash(let expected, let actual): Self.line("structure_hash", expected, actual)
        case .merkleRoot(let expected, let actual): Self.line("merkle_root", expected, actual)
        case .architecture(let expected, let actual):
            "architecture: mismatch (expected \(Self.text(expected)), got \(Self.text(actual)))"
        case .quantType(let expected, let actual):
            "quant_type: mismatch (expected \(Self.text(expected)), got \(Self.text(actual)))"
        case .tensorCount(let expected, let actual): Self.line("tensor_count", expected, actual)
        case .parameterCount(let expected, let actual): Self.line("parameters", expected, actual)
        case .fileSize(let expected, let actual): Self.line("file_size", expected, actual)
        case .rowCount(let claimed, let present): Self.line("tensors", claimed, present)
        }
    }

    private static func line(_ field: String, _ expected: String, _ actual: String) -> String {
        "\(field): mismatch (expected \(short(expected)), got \(short(actual)))"
    }

    private static func line(_ field: String, _ expected: UInt64, _ actual: UInt64) -> String {
        "\(field): mismatch (expected \(expected), got \(actual))"
    }

    private static func short(_ hash: String) -> String {
        hash.isEmpty ? "none" : String(hash.prefix(hashPrefix))
    }

    private static func text(_ name: [UInt8]) -> String { text(String(decoding: name, as: UTF8.self)) }

    private static func text(_ name: String) -> String { VisibleText.escapingControls(name) }
}

extension TensorManifest {
    /// What `verify-manifest` prints for a comparison's result, without the last newline.
    public static func verdictText(_ mismatches: [Mismatch]) -> String {
        guard !mismatches.isEmpty else { return "PASS: all tensors match manifest" }
        return (["FAIL: \(mismatches.count) mismatches"] + mismatches.map { "  \($0.line)" }).joined(separator: "\n")
    }
}
