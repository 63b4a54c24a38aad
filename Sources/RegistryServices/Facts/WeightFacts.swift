import Inspection
import ModelFormats
import OCI

/// What the files of a version say together.
struct WeightFacts: Sendable {
    enum License: Sendable {
        case none, several
        case one(String)
    }

    /// `nil` without weights that are known.
    var kind: ModelMediaType.Kind?
    var format: String?
    var architecture: String?
    var quantization: String?
    var parameterCount: UInt64?
    var contextLength: UInt64?
    var license: License

    init(_ files: [FileFacts]) {
        let main = files.filter(\.isTensors).max { $0.sizeBytes < $1.sizeBytes }
        let configuration = files.filter { $0[.documentKind] == Self.modelConfiguration }.min { $0.depth < $1.depth }
        kind = main.map { Self.kind(files, $0) }
        format = main?.format
        architecture = (main?[.architecture] ?? configuration?[.architecture] ?? configuration?[.modelType])
            .map { ModelFacts.text($0) }
        quantization = (main?[.fileType] ?? main?[.quantization]).map { ModelFacts.text($0) }
        parameterCount = main.flatMap { Self.parameterCount($0, files) }
        contextLength = (main?[.contextLength] ?? configuration?[.contextLength]).flatMap { UInt64($0) }
        let licenses = Set(files.compactMap { $0[.license] })
        if let first = licenses.first {
            license = licenses.count == 1 ? .one(ModelFacts.text(first)) : .several
        } else {
            license = .none
        }
    }

    private static let modelConfiguration = "model configuration"
    private static let adapterConfiguration = "adapter configuration"

    private static func kind(_ files: [FileFacts], _ main: FileFacts) -> ModelMediaType.Kind {
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
}
