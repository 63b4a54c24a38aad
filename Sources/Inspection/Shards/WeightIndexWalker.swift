import ModelFormats
import StrictJSON

/// Goes through a JSON document event by event and takes the map at its top that says which tensor is in which file:
/// `{"weight_map": {"TENSOR": "FILE", …}}`.
struct WeightIndexWalker {
    private static let mapName = "weight_map"

    private var depth = 0
    /// The member that is being read: at the top, or in the map.
    private var name = ""
    /// Whether that is the map itself.
    private var isMap = false
    private var isInMap = false
    private var isPresent = false
    private var shards: [[UInt8]: TensorNameCollector] = [:]
    /// Why the map says nothing that could be compared.
    private(set) var defect: String?

    mutating func consume(_ event: JSONEvent) {
        switch event {
        case .beginObject:
            begin(isObject: true)
            depth += 1
        case .beginArray:
            begin(isObject: false)
            depth += 1
        case .endObject, .endArray:
            depth -= 1
            if depth == 1 { isInMap = false }
        case .name(let name):
            if isInMap { self.name = name }
            if depth == 1 { isMap = name == Self.mapName }
        case .string(let file):
            if isInMap { take(file) } else { takeOther() }
        case .number, .bool, .null: takeOther()
        }
    }

    private mutating func begin(isObject: Bool) {
        if isInMap { return takeOther() }
        guard depth == 1, isMap else { return }
        guard isObject else { return takeOther() }
        isInMap = true
        isPresent = true
    }

    /// A value that is no name of a file, where one must stand.
    private mutating func takeOther() {
        guard isInMap || (depth == 1 && isMap) else { return }
        defect = defect ?? "\(Self.mapName) is not a map from names of tensors to names of files"
    }

    private mutating func take(_ file: String) {
        let key = Array(file.utf8)
        guard !key.isEmpty, key.count <= WeightIndex.fileBytesMax else {
            defect = defect ?? "the name of a file is empty or too long"
            return
        }
        guard shards[key] != nil || shards.count < WeightIndex.shardsMax else {
            defect = defect ?? "there are more than \(WeightIndex.shardsMax) files"
            return
        }
        shards[key, default: TensorNameCollector()].add(name.utf8)
    }

    /// `nil` where there is no map, or one with a defect.
    var index: WeightIndex? {
        guard isPresent, defect == nil else { return nil }
        let files = shards.keys.sorted { $0.lexicographicallyPrecedes($1) }
        return WeightIndex(
            shards: files.map { file in
                WeightIndex.Shard(
                    file: String(decoding: file, as: UTF8.self),
                    tensors: (shards[file] ?? TensorNameCollector()).finished())
            })
    }
}
