import ModelFormats
public import OCI

/// What a version is, as its manifest and its files say: for people who choose. Nobody has vouched for it, and nothing
/// is decided by it.
///
/// Texts are visible, and at most `textScalarsMax` long.
public struct ModelFacts: Sendable, Hashable {
    public static let textScalarsMax = 100

    public var kind: ModelMediaType.Kind
    /// Of the weights, such as `gguf`; `nil` where there are none that are known.
    public var format: String?
    public var architecture: String?
    /// How most of the weights are quantised, such as `Q4_K_M`, or what type they have, such as `BF16`.
    public var quantization: String?
    public var parameterCount: UInt64?
    /// In tokens.
    public var contextLength: UInt64?
    public var license: String?

    /// What was said before.
    package init(
        kind: ModelMediaType.Kind, format: String?, architecture: String?, quantization: String?, license: String?,
        parameterCount: UInt64?, contextLength: UInt64?
    ) {
        self.kind = kind
        self.format = format
        self.architecture = architecture
        self.quantization = quantization
        self.license = license
        self.parameterCount = parameterCount
        self.contextLength = contextLength
    }

    /// - Parameters:
    ///   - kind: what the manifest declares.
    ///   - license: what the manifest declares, for files that name none.
    init(_ weights: WeightFacts, kind: ModelMediaType.Kind, license: String?) {
        self.kind = kind == .model || kind == .artifact ? weights.kind ?? kind : kind
        format = weights.format
        architecture = weights.architecture
        quantization = weights.quantization
        parameterCount = weights.parameterCount
        contextLength = weights.contextLength
        switch weights.license {
        case .none: self.license = license.map { Self.text($0) }
        case .one(let named): self.license = named
        case .several: self.license = nil
        }
    }

    static func text(_ text: String) -> String { VisibleText.excerpt(text, scalarsMax: textScalarsMax) }
}
