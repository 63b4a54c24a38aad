/// One tensor as a file's header describes it.
public struct TensorEntry: Sendable, Hashable {
    /// The name as it stands in the file, which is meant to be UTF-8 but may not be.
    public let nameBytes: [UInt8]
    /// The name of the element type in the words of its format: `Q4_K`, `BF16`, `unknown(77)`.
    public let typeName: String
    /// Dimensions in the order in which the format stores them. Empty for a scalar.
    public let shape: [UInt64]
    /// Bytes from the start of the data section to the tensor's first byte.
    public let offset: UInt64
    public let sizeBytes: UInt64
    public let elementCount: UInt64

    public init(
        nameBytes: [UInt8], typeName: String, shape: [UInt64], offset: UInt64, sizeBytes: UInt64, elementCount: UInt64
    ) {
        self.nameBytes = nameBytes
        self.typeName = typeName
        self.shape = shape
        self.offset = offset
        self.sizeBytes = sizeBytes
        self.elementCount = elementCount
    }

    /// The name for people: each byte that is not UTF-8 becomes U+FFFD. Two different names may look the same.
    public var name: String { String(decoding: GoJSON.repaired(nameBytes), as: UTF8.self) }
}
