public import OCI

/// The structural fingerprint of a GGUF file, as the existing tool's `fingerprint` command prints it.
public struct GGUFFingerprint: Sendable, Hashable {
    public let fileDigest: Digest
    public let structureHash: String
    public let architecture: String
    public let quantType: String
    public let parameterCount: UInt64
    public let fileSizeBytes: UInt64
    public let version: UInt32
    public let layerCount: Int
    private let tensors: [TensorEntry]

    public init(table: TensorTable, summary: GGUFSummary, fileDigest: Digest) {
        self.fileDigest = fileDigest
        structureHash = StructureHash.compute(table.entries)
        architecture = summary.architecture
        quantType = QuantType.dominant(table.entries)
        parameterCount = table.parameterCount
        fileSizeBytes = table.fileSizeBytes
        version = summary.version
        layerCount = Self.layerCount(table.entries)
        tensors = table.entries
    }

    /// Distinct `blk.N` and `layers.N` that tensor names begin with.
    public static func layerCount(_ tensors: [TensorEntry]) -> Int {
        var layers: Set<[UInt8]> = []
        for tensor in tensors {
            let parts = tensor.nameBytes.split(
                separator: UInt8(ascii: "."), maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count >= 2, parts[0].elementsEqual("blk".utf8) || parts[0].elementsEqual("layers".utf8) else {
                continue
            }
            layers.insert(Array(tensor.nameBytes[parts[0].startIndex..<parts[1].endIndex]))
        }
        return layers.count
    }

    /// The document, byte for byte the existing tool's except for `quant_type` where two types tie.
    public func encoded() -> [UInt8] {
        var json = GoJSON(.indented)
        json.object { json in
            json.string("file_hash", fileDigest.hex)
            json.string("structure_hash", structureHash)
            json.string("architecture", architecture)
            json.string("quant_type", quantType)
            json.number("tensor_count", tensors.count)
            json.number("parameter_count", parameterCount)
            json.number("file_size", fileSizeBytes)
            json.number("version", version)
            json.number("layer_count", layerCount)
            json.name("tensor_summary")
            json.array { json in
                for tensor in tensors {
                    json.object { json in
                        json.name("name")
                        json.string(tensor.nameBytes)
                        json.array("shape", of: tensor.shape)
                        json.string("type", tensor.typeName)
                    }
                }
            }
        }
        return json.finishedWithNewline()
    }
}
