import ModelFormats

/// Something worth knowing about an artifact, as the file itself claims it. Nobody has vouched for it.
public struct Fact: Sendable, Hashable {
    public static let valueScalarsMax = 300

    /// What is known. Raw values are stable.
    public enum Key: String, Sendable, Hashable, CaseIterable {
        case architecture
        case name
        /// `model`, `adapter`, `mmproj` and others, as a GGUF file calls itself.
        case type
        case version
        case organization
        case baseModel = "base_model"
        case license
        case quantization
        case fileType = "file_type"
        case parameterCount = "parameter_count"
        case tensorCount = "tensor_count"
        case layerCount = "layer_count"
        case contextLength = "context_length"
        case embeddingLength = "embedding_length"
        case vocabularySize = "vocabulary_size"
        case tokenizer
        case chatTemplate = "chat_template"
        case part
        case documentKind = "document_kind"
        case modelType = "model_type"
        case encoding
        case generator
        /// Of ONNX: the version of the standard operators.
        case operatorSet = "operator_set"
        /// Files beside this one that it needs.
        case externalFiles = "external_files"
        /// Of an archive: the format of the largest file of weights in it. What else is said of weights is of these.
        case weightsFormat = "weights_format"
        /// The formats of everything inside, sorted, with commas between; `torchArchive` and `kerasArchive` if such
        /// programs made an archive.
        case contents
    }

    /// What `contents` says besides formats.
    public static let torchArchive = "pytorch"
    public static let kerasArchive = "keras"

    public let key: Key
    /// Controls are escaped, the length is bounded.
    public let value: String

    public init(_ key: Key, _ value: String) {
        self.key = key
        self.value = VisibleText.excerpt(value, scalarsMax: Self.valueScalarsMax)
    }
}
