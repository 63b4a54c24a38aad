import ModelFormats

/// What an operator of a graph comes to.
enum TensorFlowVocabulary {
    enum Standing: Hashable {
        case standard
        case dangerous
        case system
        /// Judged by where it is.
        case checkpoint
        case unknown
    }

    private static let checkpoint: Set<String> = [
        "Save", "SaveV2", "SaveSlices", "MergeV2Checkpoints", "Restore", "RestoreV2", "RestoreSlice",
        "DTensorRestoreV2",
    ]

    static func standing(_ name: String) -> Standing {
        if TensorFlowOperators.dangerous.contains(name) || name.contains("PyFunc") { return .dangerous }
        if checkpoint.contains(name) { return .checkpoint }
        if TensorFlowOperators.system.contains(name) { return .system }
        return TensorFlowOperators.standard.contains(name) ? .standard : .unknown
    }

    static func writes(_ checkpointOperator: String) -> Bool {
        checkpointOperator.hasPrefix("Save") || checkpointOperator == "MergeV2Checkpoints"
    }

    /// Whether an argument lets an ordinary operator loose on files or the network.
    static func isDangerous(_ argument: TensorFlowFile.Argument) -> Bool {
        let value = argument.value
        switch argument.key {
        case "output_stream":
            return !["stderr", "stdout", "log(info)", "log(warning)", "log(error)"].contains(value)
        // A model that is one file with its constants, to be mapped into memory.
        case "memory_region_name": return !value.hasPrefix("memmapped_package://")
        case "descriptor_source": return !(value == "local://" || value.hasPrefix("bytes://"))
        default: return !value.isEmpty
        }
    }
}
