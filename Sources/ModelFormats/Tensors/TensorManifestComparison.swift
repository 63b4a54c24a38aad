public import OCI

extension TensorManifest {
    /// One difference between what a manifest promises and what a file holds.
    public enum Mismatch: Sendable, Hashable {
        case fileDigest(expected: Digest, actual: Digest)
        case structureHash(expected: String, actual: String)
        case merkleRoot(expected: String, actual: String)
        case architecture(expected: String, actual: String)
        case quantType(expected: String, actual: String)
        case tensorCount(expected: UInt64, actual: UInt64)
        case parameterCount(expected: UInt64, actual: UInt64)
        case fileSize(expected: UInt64, actual: UInt64)
        /// The manifest's own rows are not as many as it says.
        case rowCount(claimed: UInt64, present: UInt64)
        case notInManifest([UInt8])
        case notInFile([UInt8])
        /// Rows that share a name prove nothing: a reader may take either.
        case repeatedName([UInt8])
        case typeName([UInt8], expected: String, actual: String)
        case shape([UInt8], expected: [UInt64], actual: [UInt64])
        case offset([UInt8], expected: UInt64, actual: UInt64)
        case sizeBytes([UInt8], expected: UInt64, actual: UInt64)
        case elementCount([UInt8], expected: UInt64, actual: UInt64)
        case digest([UInt8], expected: Digest, actual: Digest)
        /// The same tensors in another order.
        case order
    }

    /// Compares this manifest with the one computed from a file's bytes, in everything it says.
    ///
    /// - Returns: nothing only if the file is the one the manifest was made of.
    public func compare(with actual: TensorManifest) -> [Mismatch] {
        compareFile(with: actual) + compareRows(with: actual)
    }

    private func compareFile(with actual: TensorManifest) -> [Mismatch] {
        var found: [Mismatch] = []
        func check<Value: Equatable>(
            _ part: KeyPath<TensorManifest, Value>, _ mismatch: (Value, Value) -> Mismatch
        ) {
            let (expected, present) = (self[keyPath: part], actual[keyPath: part])
            if expected != present { found.append(mismatch(expected, present)) }
        }
        check(\.fileDigest) { .fileDigest(expected: $0, actual: $1) }
        check(\.fileSizeBytes) { .fileSize(expected: $0, actual: $1) }
        check(\.structureHash) { .structureHash(expected: $0, actual: $1) }
        check(\.merkleRoot) { .merkleRoot(expected: $0, actual: $1) }
        check(\.architecture) { .architecture(expected: $0, actual: $1) }
        check(\.tensorCount) { .tensorCount(expected: $0, actual: $1) }
        check(\.parameterCount) { .parameterCount(expected: $0, actual: $1) }
        // The existing tool chooses at random between types with equally many tensors.
        if quantType != actual.quantType, !QuantType.mayBeDominant(quantType, in: actual.rows.map(\.typeName)) {
            found.append(.quantType(expected: quantType, actual: actual.quantType))
        }
        if tensorCount != UInt64(rows.count) {
            found.append(.rowCount(claimed: tensorCount, present: UInt64(rows.count)))
        }
        return found
    }

    private func compareRows(with actual: TensorManifest) -> [Mismatch] {
        var found = Self.repeatedNames(rows).union(Self.repeatedNames(actual.rows))
            .sorted { $0.lexicographicallyPrecedes($1) }.map(Mismatch.repeatedName)
        let expectedRows = Dictionary(rows.map { ($0.key, $0) }, uniquingKeysWith: { first, _ in first })
        let actualNames = Set(actual.rows.map(\.key))
        for row in actual.rows {
            if let expected = expectedRows[row.key] {
                found += expected.mismatches(with: row)
            } else {
                found.append(.notInManifest(row.name))
            }
        }
        for row in rows where !actualNames.contains(row.key) {
            found.append(.notInFile(row.name))
        }
        if found.isEmpty, rows.map(\.key) != actual.rows.map(\.key) { found.append(.order) }
        return found
    }

    private static func repeatedNames(_ rows: [Row]) -> Set<[UInt8]> {
        var seen: Set<[UInt8]> = []
        var repeated: Set<[UInt8]> = []
        for row in rows where !seen.insert(row.key).inserted {
            repeated.insert(row.key)
        }
        return repeated
    }
}

extension TensorManifest.Row {
    fileprivate func mismatches(with actual: TensorManifest.Row) -> [TensorManifest.Mismatch] {
        var found: [TensorManifest.Mismatch] = []
        if digest != actual.digest {
            found.append(.digest(name, expected: digest, actual: actual.digest))
        }
        if typeName != actual.typeName {
            found.append(.typeName(name, expected: typeName, actual: actual.typeName))
        }
        if shape != actual.shape {
            found.append(.shape(name, expected: shape, actual: actual.shape))
        }
        if offset != actual.offset {
            found.append(.offset(name, expected: offset, actual: actual.offset))
        }
        if sizeBytes != actual.sizeBytes {
            found.append(.sizeBytes(name, expected: sizeBytes, actual: actual.sizeBytes))
        }
        if elementCount != actual.elementCount {
            found.append(.elementCount(name, expected: elementCount, actual: actual.elementCount))
        }
        return found
    }
}
