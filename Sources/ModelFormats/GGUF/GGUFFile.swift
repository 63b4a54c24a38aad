/// What the header of a GGUF file says, and what is wrong with it.
public struct GGUFFile: Sendable, Hashable {
    /// 2 or 3.
    public let version: UInt32
    public let metadataCount: UInt64
    /// Metadata in file order, as far as it is kept: see `GGUFLimits`. Duplicate keys are all here.
    public let metadata: [GGUFMetadata]
    public let templates: [GGUFTemplate]
    /// Long texts, and those in arrays.
    public let texts: GGUFTexts
    /// `general.alignment`, or 32.
    public let alignment: UInt64
    /// One past the last byte of the metadata.
    public let metadataEnd: UInt64
    /// One past the last byte of the tensor descriptions.
    public let headerEnd: UInt64
    /// SHA-256 of the bytes before `headerEnd`: it changes with any edit of the metadata.
    public let headerSHA256: [UInt8]
    /// Tensors in file order. `sizeBytes` and `elementCount` are 0 where an issue says that they cannot be known.
    public let tensors: [TensorEntry]
    /// `nil` if the range of any tensor is unknown or lies outside the file.
    public let table: TensorTable?
    public let issues: [GGUFIssue]
    /// Issues that were found but not kept.
    public let issuesDropped: Int

    /// The last value of a key, which is the one that readers who accept duplicates use.
    public subscript(key: String) -> GGUFValue? {
        metadata.last { $0.key.utf8.elementsEqual(key.utf8) }?.value
    }

    /// `general.architecture` if it is a string, else `unknown`.
    public var architecture: String { self["general.architecture"]?.text ?? "unknown" }

    public var summary: GGUFSummary {
        GGUFSummary(
            version: version, architecture: architecture, alignment: alignment, metadataCount: metadataCount,
            headerSHA256: headerSHA256, part: GGUFSplit(metadata).flatMap(\.part))
    }
}

/// What a fingerprint needs to know about a GGUF file besides its tensors.
public struct GGUFSummary: Sendable, Hashable {
    public let version: UInt32
    public let architecture: String
    public let alignment: UInt64
    public let metadataCount: UInt64
    /// SHA-256 of everything before the padding of the data section.
    public let headerSHA256: [UInt8]
    /// Which part of a model it is, if it says so without contradicting itself.
    public let part: GGUFPart?

    public init(
        version: UInt32, architecture: String, alignment: UInt64, metadataCount: UInt64, headerSHA256: [UInt8],
        part: GGUFPart? = nil
    ) {
        self.version = version
        self.architecture = architecture
        self.alignment = alignment
        self.metadataCount = metadataCount
        self.headerSHA256 = headerSHA256
        self.part = part
    }
}
