import Crypto

/// The identity of a model's structure: names, shapes and types of its tensors, whatever their order and values.
///
/// SHA-256 over one line per tensor, `name:[d0,d1,…]:TYPE`, the lines sorted by their bytes. The same function as that
/// of the existing tool.
public enum StructureHash {
    /// - Returns: 64 lowercase hexadecimal digits.
    public static func compute(_ tensors: [TensorEntry]) -> String {
        let lines = tensors.map(line).sorted { $0.lexicographicallyPrecedes($1) }
        var hasher = SHA256()
        for line in lines {
            hasher.update(data: line)
        }
        return Hexadecimal.text(hasher.finalize())
    }

    private static func line(_ tensor: TensorEntry) -> [UInt8] {
        var line = tensor.nameBytes
        line.append(contentsOf: ":[".utf8)
        line.append(contentsOf: tensor.shape.map(String.init).joined(separator: ",").utf8)
        line.append(contentsOf: "]:\(tensor.typeName)\n".utf8)
        return line
    }
}
