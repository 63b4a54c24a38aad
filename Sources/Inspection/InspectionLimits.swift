public import ModelFormats

/// What an inspection may cost.
public struct InspectionLimits: Sendable, Hashable {
    public var gguf = GGUFLimits.standard
    public var safetensors = SafetensorsLimits.standard
    public var pickle = PickleLimits.standard
    /// Findings of one report, at most `InspectionReport.findingsMax`.
    public var findingsMax = 500
    /// Bytes of a chat template that are analysed.
    public var templateBytesMax = 512 << 10
    /// Bytes of a JSON document. Tokenizers of large vocabularies have about 35 MiB.
    public var jsonBytesMax = 64 << 20

    /// Bytes of a text that is searched for template code.
    public var searchedTextBytesMax = 4 << 20

    public init() {}

    public static let standard = InspectionLimits()
}
