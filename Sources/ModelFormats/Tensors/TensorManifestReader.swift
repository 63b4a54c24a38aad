import OCI
public import StrictJSON

/// Why a tensor manifest was refused.
public enum TensorManifestFault: Error, Sendable, Hashable {
    case json(JSONFault)
    /// A member is missing, unknown, of another type or version, or a hash is not 64 lowercase hexadecimal digits.
    case field(String)
}

extension TensorManifest {
    /// A manifest of the most tensors with the longest names stays below this.
    public static let documentBytesMax = 128 << 20

    private static let limits = JSONLimits(
        bytesMax: documentBytesMax, depthMax: 4, nodesMax: 2_000_000, stringBytesMax: 8192, openNamesMax: 64)
    private static let dimensionsMax = 64

    /// Reads a manifest that this module or the existing tool has written, and nothing else.
    public static func parse(_ bytes: [UInt8]) throws(TensorManifestFault) -> TensorManifest {
        var pull = JSONPull(bytes, limits: limits)
        do throws(JSONPull.Fault) {
            return try document(&pull)
        } catch {
            switch error {
            case .json(let fault): throw .json(fault)
            case .unexpected(let name): throw .field(name)
            }
        }
    }

    private static func document(_ pull: inout JSONPull) throws(JSONPull.Fault) -> TensorManifest {
        var texts: [String: String] = [:]
        var numbers: [String: UInt64] = [:]
        var rows: [Row]?
        try pull.beginObject()
        while let name = try pull.nextName() {
            switch name {
            case "manifest_version", "file_hash", "structure_hash", "architecture", "quant_type", "merkle_root":
                texts[name] = try pull.string()
            case "tensor_count", "parameters", "file_size":
                numbers[name] = try pull.uint64()
            case "tensors":
                rows = try self.rows(&pull)
            default:
                throw .unexpected(name)
            }
        }
        try pull.end()
        guard texts["manifest_version"] == version else { throw .unexpected("manifest_version") }
        guard let rows else { throw .unexpected("tensors") }
        return TensorManifest(
            fileDigest: try digest(texts, "file_hash"), structureHash: try digest(texts, "structure_hash").hex,
            architecture: try member(texts, "architecture"), quantType: try member(texts, "quant_type"),
            tensorCount: try member(numbers, "tensor_count"), parameterCount: try member(numbers, "parameters"),
            fileSizeBytes: try member(numbers, "file_size"),
            merkleRoot: texts["merkle_root"] == "" ? "" : try digest(texts, "merkle_root").hex, rows: rows)
    }

    private static func member<Value>(
        _ members: [String: Value], _ name: String
    ) throws(JSONPull.Fault) -> Value {
        guard let value = members[name] else { throw .unexpected(name) }
        return value
    }

    private static func digest(_ members: [String: String], _ name: String) throws(JSONPull.Fault) -> Digest {
        let text = try member(members, name)
        do throws(DigestFault) {
            return try Digest(.sha256, hex: text)
        } catch {
            throw .unexpected(name)
        }
    }

    private static func rows(_ pull: inout JSONPull) throws(JSONPull.Fault) -> [Row] {
        try pull.beginArray()
        var rows: [Row] = []
        while try pull.hasElement() {
            guard rows.count < TensorTable.tensorCountMax else { throw .unexpected("tensors") }
            rows.append(try row(&pull))
        }
        return rows
    }

    private static func row(_ pull: inout JSONPull) throws(JSONPull.Fault) -> Row {
        var texts: [String: String] = [:]
        var numbers: [String: UInt64] = [:]
        var shape: [UInt64]?
        try pull.beginObject()
        while let name = try pull.nextName() {
            switch name {
            case "name", "type", "hash": texts[name] = try pull.string()
            case "offset", "data_size", "element_count": numbers[name] = try pull.uint64()
            case "shape": shape = try pull.uint64s(countMax: dimensionsMax)
            default: throw .unexpected(name)
            }
        }
        guard let shape else { throw .unexpected("shape") }
        return Row(
            name: Array(try member(texts, "name").utf8), typeName: try member(texts, "type"), shape: shape,
            offset: try member(numbers, "offset"), sizeBytes: try member(numbers, "data_size"),
            digest: try digest(texts, "hash"), elementCount: try member(numbers, "element_count"))
    }
}
