import Crypto

/// Which tensors there are, whatever their order: two sets with the same digest have the same names.
public struct TensorNameSet: Sendable, Hashable {
    public let count: UInt64
    /// SHA-256 over the sorted digests of the names, 32 bytes.
    public let digest: [UInt8]

    package init(count: UInt64, digest: [UInt8]) {
        self.count = count
        self.digest = digest
    }
}

/// Takes names one by one, and 16 bytes of memory for each.
package struct TensorNameCollector {
    private var names: [NameDigest] = []

    package init() {}

    package mutating func add(_ name: some Sequence<UInt8>) { names.append(NameDigest(name)) }

    package func finished() -> TensorNameSet {
        var hasher = SHA256()
        for name in names.sorted() { name.update(&hasher) }
        return TensorNameSet(count: UInt64(names.count), digest: Array(hasher.finalize()))
    }
}

extension TensorTable {
    /// The names of the tensors. One hash for each.
    package var nameSet: TensorNameSet {
        var names = TensorNameCollector()
        for entry in entries { names.add(entry.nameBytes) }
        return names.finished()
    }
}
