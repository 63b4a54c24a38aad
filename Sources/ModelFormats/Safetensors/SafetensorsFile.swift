/// What the header of a safetensors file says, and what is wrong with it.
public struct SafetensorsFile: Sendable, Hashable {
    public struct Metadata: Sendable, Hashable {
        public let key: String
        public let value: String
    }

    /// Bytes of the JSON header, without the eight that say so.
    public let headerBytes: UInt64
    /// `__metadata__` in file order.
    public let metadata: [Metadata]
    /// Tensors in the order of the header.
    public let tensors: [TensorEntry]
    /// `nil` if any tensor lies outside the file or its size cannot be known.
    public let table: TensorTable?
    public let issues: [SafetensorsIssue]
    /// Issues that were found but not kept.
    public let issuesDropped: Int
}

/// Something in a safetensors file that is wrong and yet leaves its structure readable.
public struct SafetensorsIssue: Sendable, Hashable {
    public enum Kind: Sendable, Hashable, CaseIterable {
        case noTensors
        /// A member besides dtype, shape and data_offsets.
        case unknownMember
        /// White space behind the header that is not made of spaces.
        case paddingNotSpaces
        /// The end of a range lies before its beginning, or behind the end of the file.
        case rangeOutside
        /// A range that is not as long as shape and dtype require, or whose length 64 bits cannot say.
        case lengthMismatch
        case overlap
        case hole
        /// The last tensor does not end where the file ends.
        case trailingBytes
    }

    public let kind: Kind
    /// The tensor it is about.
    public let subject: String?
}

/// What a safetensors header may cost before anything about it is believed.
public struct SafetensorsLimits: Sendable, Hashable {
    /// The format's own limit.
    public static let headerBytesCeiling: UInt64 = 100_000_000

    public var tensorCountMax = 100_000
    public var metadataCountMax = 10_000
    /// Keys and values of `__metadata__` together.
    public var metadataBytesMax = 8 << 20
    public var dimensionsMax = 64
    /// Of each kind of issue. Further ones are counted, not kept.
    public var issuesPerKindMax = 16

    public init() {}

    public static let standard = SafetensorsLimits()
}
