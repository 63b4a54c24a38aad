/// What a GGUF header may cost before anything about it is believed.
public struct GGUFLimits: Sendable, Hashable {
    public var tensorCountMax: UInt64 = 100_000
    public var metadataCountMax: UInt64 = 100_000
    /// The specification's own limit of a key.
    public var keyBytesMax: UInt64 = 65_535
    /// Everything before the tensor data. A vocabulary of 256,000 tokens takes about 15 MiB.
    public var headerBytesMax: UInt64 = 512 << 20
    /// Arrays inside arrays. ggml allows none.
    public var arrayDepthMax = 8
    /// ggml allows 4.
    public var dimensionsMax: UInt32 = 8
    public var alignmentMax: UInt64 = 1 << 20
    /// Longer strings are not kept but hashed.
    public var keptStringBytesMax: UInt64 = 4096
    /// Keys and strings kept of one file.
    public var keptBytesMax: UInt64 = 4 << 20
    /// Longer chat templates are not kept; `GGUFTemplate.bytes` is then `nil`.
    public var templateBytesMax: UInt64 = 512 << 10
    public var templatesBytesMax: UInt64 = 4 << 20
    public var templateCountMax = 64
    /// Of each kind of issue. Further ones are counted, not kept.
    public var issuesPerKindMax = 16

    public init() {}

    public static let standard = GGUFLimits()
}
