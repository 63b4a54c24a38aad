public import OCI

/// The digest of every tensor of a file, in the form of the existing tool's manifests (`manifest_version` 1.0).
public struct TensorManifest: Sendable, Hashable {
    public static let version = "1.0"

    public struct Row: Sendable, Hashable {
        /// The name's bytes. A manifest that was read has U+FFFD where they were not UTF-8: see `key`.
        public let name: [UInt8]
        public let typeName: String
        public let shape: [UInt64]
        /// From the start of the data section.
        public let offset: UInt64
        public let sizeBytes: UInt64
        public let digest: Digest
        public let elementCount: UInt64

        /// The name as JSON can carry it, which is what rows of two manifests are matched by.
        var key: [UInt8] { GoJSON.repaired(name) }
    }

    public let fileDigest: Digest
    /// 64 lowercase hexadecimal digits.
    public let structureHash: String
    public let architecture: String
    public let quantType: String
    public let tensorCount: UInt64
    public let parameterCount: UInt64
    public let fileSizeBytes: UInt64
    /// 64 lowercase hexadecimal digits, nothing for a file without tensors.
    public let merkleRoot: String
    /// Tensors in the order of the file's header.
    public let rows: [Row]

    /// - Parameters:
    ///   - architecture: `unknown` for formats that do not name it.
    ///   - tensorDigests: one for each entry of `table`, in its order.
    /// - Returns: `nil` if there are more or fewer digests than tensors.
    public init?(table: TensorTable, architecture: String = "unknown", fileDigest: Digest, tensorDigests: [Digest]) {
        guard tensorDigests.count == table.entries.count else { return nil }
        self.fileDigest = fileDigest
        structureHash = StructureHash.compute(table.entries)
        self.architecture = architecture
        quantType = QuantType.dominant(table.entries)
        tensorCount = UInt64(table.entries.count)
        parameterCount = table.parameterCount
        fileSizeBytes = table.fileSizeBytes
        merkleRoot = TensorMerkleTree.root(tensorDigests)
        rows = zip(table.entries, tensorDigests).map { entry, digest in
            Row(
                name: entry.nameBytes, typeName: entry.typeName, shape: entry.shape,
                offset: entry.offset, sizeBytes: entry.sizeBytes, digest: digest, elementCount: entry.elementCount)
        }
    }

    init(
        fileDigest: Digest, structureHash: String, architecture: String, quantType: String, tensorCount: UInt64,
        parameterCount: UInt64, fileSizeBytes: UInt64, merkleRoot: String, rows: [Row]
    ) {
        self.fileDigest = fileDigest
        self.structureHash = structureHash
        self.architecture = architecture
        self.quantType = quantType
        self.tensorCount = tensorCount
        self.parameterCount = parameterCount
        self.fileSizeBytes = fileSizeBytes
        self.merkleRoot = merkleRoot
        self.rows = rows
    }

    /// The document, byte for byte the existing tool's except for `quant_type` where two types tie.
    public func encoded() -> [UInt8] {
        var json = GoJSON(.indented)
        json.object { json in
            json.string("manifest_version", Self.version)
            json.string("file_hash", fileDigest.hex)
            json.string("structure_hash", structureHash)
            json.string("architecture", architecture)
            json.string("quant_type", quantType)
            json.number("tensor_count", tensorCount)
            json.number("parameters", parameterCount)
            json.number("file_size", fileSizeBytes)
            json.string("merkle_root", merkleRoot)
            json.name("tensors")
            json.array { json in
                for row in rows { row.encode(into: &json) }
            }
        }
        return json.finishedWithNewline()
    }
}

extension TensorManifest.Row {
    fileprivate func encode(into json: inout GoJSON) {
        json.object { json in
            json.name("name")
            json.string(name)
            json.string("type", typeName)
            json.array("shape", of: shape)
            json.number("offset", offset)
            json.number("data_size", sizeBytes)
            json.string("hash", digest.hex)
            json.number("element_count", elementCount)
        }
    }
}
