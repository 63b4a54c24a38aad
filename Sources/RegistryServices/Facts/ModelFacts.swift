import Inspection
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

    /// - Parameters:
    ///   - kind: what the manifest declares.
    ///   - license: what the manifest declares, for files that name none.
    init(_ files: [FileFacts], kind: ModelMediaType.Kind, license: String?) {
        let main = files.filter(\.isTensors).max { $0.sizeBytes < $1.sizeBytes }
        let configuration = files.filter { $0[.documentKind] == Self.modelConfiguration }.min { $0.depth < $1.depth }
        self.kind = Self.kind(kind, files, main)
        format = main?.format
        architecture = Self.text(
            main?[.architecture] ?? configuration?[.architecture] ?? configuration?[.modelType])
        quantization = Self.text(main?[.fileType] ?? main?[.quantization])
        parameterCount = main.flatMap { Self.parameterCount($0, files) }
        contextLength = (main?[.contextLength] ?? configuration?[.contextLength]).flatMap { UInt64($0) }
        let licenses = Set(files.compactMap { $0[.license] })
        self.license = Self.text(licenses.isEmpty ? license : licenses.count == 1 ? licenses.first : nil)
    }

    private static let modelConfiguration = "model configuration"
    private static let adapterConfiguration = "adapter configuration"

    private static func kind(
        _ declared: ModelMediaType.Kind, _ files: [FileFacts], _ main: FileFacts?
    ) -> ModelMediaType.Kind {
        guard let main, declared == .model || declared == .artifact else { return declared }
        // `general.type` of a GGUF file; the configuration beside the weights of PEFT.
        let kinds = files.compactMap { $0[.documentKind] }
        let isAdapter =
            main[.type] == "adapter" || kinds.contains(adapterConfiguration) && !kinds.contains(modelConfiguration)
        return isAdapter ? .adapter : .model
    }

    /// Of all parts that the weights are split into.
    ///
    /// - Returns: `nil` where a part does not say, and for more than there can be.
    private static func parameterCount(_ main: FileFacts, _ files: [FileFacts]) -> UInt64? {
        var total: UInt64 = 0
        for file in files where file.isPart(of: main) {
            guard let count = file[.parameterCount].flatMap({ UInt64($0) }) else { return nil }
            let (sum, overflow) = total.addingReportingOverflow(count)
            guard !overflow else { return nil }
            total = sum
        }
        return total
    }

    private static func text(_ text: String?) -> String? {
        text.map { VisibleText.excerpt($0, scalarsMax: textScalarsMax) }
    }
}
