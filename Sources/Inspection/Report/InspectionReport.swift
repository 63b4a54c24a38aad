public import ModelFormats

/// What the inspection of one file came to.
public struct InspectionReport: Sendable, Hashable {
    /// An encoded report is never larger.
    public static let reportBytesMax = 32 << 20
    public static let findingsMax = 1000
    public static let factsMax = 64

    /// `InspectionRules.version` and `.digest` of the code that made the report.
    public let rulesVersion: String
    /// 64 lowercase hexadecimal digits.
    public let rulesDigest: String
    public let format: FileFormat
    /// The size of the file that was inspected.
    public let sizeBytes: UInt64
    /// At least as bad as the worst of `findings`: those that were not kept count too.
    public let verdict: Verdict
    public let findings: [Finding]
    public let facts: [Fact]
    /// The tensors of a GGUF or safetensors file, if their ranges are known and lie inside the file.
    ///
    /// Ranges do not overlap unless the verdict is `.block`.
    public let tensors: TensorTable?
    public let gguf: GGUFSummary?
    /// Which files a file that is an index of weights names.
    public let weightIndex: WeightIndex?

    public var formatClass: FileFormat.Class { format.formatClass }

    /// The value of a fact, if the file states it.
    public subscript(key: Fact.Key) -> String? { facts.first { $0.key == key }?.value }

    init(
        rulesVersion: String = InspectionRules.version, rulesDigest: String = InspectionRules.digest,
        format: FileFormat, sizeBytes: UInt64, verdict: Verdict, findings: [Finding], facts: [Fact],
        tensors: TensorTable?, gguf: GGUFSummary?, weightIndex: WeightIndex?
    ) {
        self.rulesVersion = rulesVersion
        self.rulesDigest = rulesDigest
        self.format = format
        self.sizeBytes = sizeBytes
        self.verdict = verdict
        self.findings = findings
        self.facts = facts
        self.tensors = tensors
        self.gguf = gguf
        self.weightIndex = weightIndex
    }
}
