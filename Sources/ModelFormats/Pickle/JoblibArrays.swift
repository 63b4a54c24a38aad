/// The array of which joblib writes a description into a stream, and the bytes behind it.
struct JoblibArrays {
    struct Layout {
        var sizeBytes: UInt64
        /// A byte before the array says how many bytes of padding follow it.
        var isAligned: Bool
        /// The array is a stream of its own.
        var holdsObjects: Bool
    }

    /// What was said of the array whose description is being read.
    private struct Description {
        var isAligned = false
        var awaitsShape = false
        var shape: [UInt64] = []
        var hasShape = false
        var awaitsType = false
        var type: String?
    }

    private static let dimensionsMax = 64

    private var description: Description?

    /// Whether texts matter just now.
    var isWaiting: Bool { description != nil }

    static func isWrapper(_ global: PickleFile.Global) -> Bool {
        global.module == "joblib.numpy_pickle" && global.name == "NumpyArrayWrapper"
    }

    mutating func called(_ global: PickleFile.Global) {
        if Self.isWrapper(global) { description = Description() }
    }

    mutating func sawGlobal(_ global: PickleFile.Global) {
        guard global.module == "numpy", global.name == "dtype" else { return }
        description?.awaitsType = true
    }

    mutating func sawText(_ text: String) {
        guard description != nil else { return }
        if description?.awaitsType == true {
            description?.type = text
            description?.awaitsType = false
        } else if text == "shape" {
            description?.awaitsShape = true
        } else if text == "numpy_array_alignment_bytes" {
            description?.isAligned = true
        }
    }

    mutating func sawNumber(_ value: UInt64) {
        guard let count = description?.shape.count, description?.awaitsShape == true, count < Self.dimensionsMax else {
            return
        }
        description?.shape.append(value)
    }

    mutating func sawTuple() {
        guard description?.awaitsShape == true else { return }
        description?.awaitsShape = false
        description?.hasShape = true
    }

    /// Ends the description that is being read.
    ///
    /// - Returns: `nil` when it does not tell how long the array is.
    mutating func finish() -> Layout? {
        defer { description = nil }
        guard let found = description, found.hasShape, let type = found.type, var size = Self.itemBytes(type) else {
            return nil
        }
        for dimension in found.shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: dimension)
            guard !overflow else { return nil }
            size = product
        }
        return Layout(sizeBytes: size, isAligned: found.isAligned, holdsObjects: type.hasPrefix("O"))
    }

    /// Bytes of one item by the name that NumPy gives its type: a letter and a count.
    private static func itemBytes(_ type: String) -> UInt64? {
        guard let letter = type.first, let count = UInt64(type.dropFirst()) else { return nil }
        switch letter {
        case "b", "i", "u", "f", "c", "S", "a", "V", "M", "m", "O": return count
        case "U":
            let (bytes, overflow) = count.multipliedReportingOverflow(by: 4)
            return overflow ? nil : bytes
        default: return nil
        }
    }
}
