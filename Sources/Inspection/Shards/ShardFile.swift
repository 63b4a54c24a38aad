import ModelFormats

/// One file of a directory or artifact, as far as it matters to the files beside it.
public struct ShardFile: Sendable, Hashable {
    /// Relative to the top, with slashes.
    public let path: String
    /// What it says is where, if it is an index of weights.
    let index: WeightIndex?
    /// Which part of a model it is, if it is a GGUF file that says so.
    let part: GGUFPart?
    let tensors: TensorNameSet?

    /// - Parameter report: of the file alone.
    public init(path: String, _ report: InspectionReport) {
        self.path = path
        index = report.weightIndex
        part = report.gguf?.part.flatMap { $0.count > 1 ? $0 : nil }
        tensors = report.tensors?.nameSet
    }
}
