public import ModelFormats

/// What an index of weights (`model.safetensors.index.json`, `pytorch_model.bin.index.json`) says is where.
public struct WeightIndex: Sendable, Hashable {
    /// Files that one index may name, and bytes of each of their names.
    public static let shardsMax = 4_096
    public static let fileBytesMax = 1_024

    /// A file, and the tensors that the index says are in it.
    public struct Shard: Sendable, Hashable {
        /// As the index names it, seen from the folder of the index. Nobody has checked where it leads.
        public let file: String
        public let tensors: TensorNameSet
    }

    /// Sorted by the bytes of the files' names; each file once.
    public let shards: [Shard]
}
