/// The element type that stands for a whole file: the one that most of its tensors have.
///
/// The existing tool picks at random between types with equally many tensors. We take the one whose tensors hold more
/// bytes, then the one whose name comes first.
public enum QuantType {
    /// What the existing tool prints for a file without tensors.
    static let ofNothing = "F32"

    public static func dominant(_ tensors: [TensorEntry]) -> String {
        var uses: [String: (count: Int, bytes: UInt64)] = [:]
        for tensor in tensors {
            uses[tensor.typeName, default: (0, 0)].count += 1
            uses[tensor.typeName, default: (0, 0)].bytes &+= tensor.sizeBytes
        }
        let best = uses.max { left, right in
            if left.value.count != right.value.count { return left.value.count < right.value.count }
            if left.value.bytes != right.value.bytes { return left.value.bytes < right.value.bytes }
            return left.key > right.key
        }
        return best?.key ?? ofNothing
    }

    /// Whether the existing tool could have picked `name`: no type has more tensors.
    static func mayBeDominant(_ name: String, in tensors: some Collection<String>) -> Bool {
        let counts = tensors.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
        guard let most = counts.values.max() else { return name == ofNothing }
        return counts[name] == most
    }
}
