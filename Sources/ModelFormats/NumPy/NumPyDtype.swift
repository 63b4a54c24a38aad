extension NumPyDtype {
    /// The type that a `descr` describes: a text, a list of fields, or a type with a shape.
    ///
    /// - Returns: `nil` if it is none of these.
    init?(_ descr: PythonLiteral) {
        switch descr {
        case .text(let text): self.init(code: text)
        case .list(let fields): self.init(fields: fields)
        case .tuple(let parts):
            guard parts.count == 2, let shape = Self.shape(parts[1]), let base = NumPyDtype(parts[0]) else {
                return nil
            }
            self = base.repeated(shape)
        default: return nil
        }
    }

    /// The sizes in `(3, 4)`, or in `3`, which means the same as `(3,)` within a type.
    static func shape(_ value: PythonLiteral) -> [UInt64]? {
        switch value {
        case .integer(let number): return [number]
        case .tuple(let items):
            var shape: [UInt64] = []
            for item in items {
                guard case .integer(let number) = item else { return nil }
                shape.append(number)
            }
            return shape
        default: return nil
        }
    }

    private init?(fields: [PythonLiteral]) {
        var total: UInt64? = 0
        var holdsObjects = false
        var unknown: String?
        for field in fields {
            // (name, type), (name, type, shape); a name may be (title, name).
            guard case .tuple(let parts) = field, parts.count == 2 || parts.count == 3, Self.isName(parts[0]),
                let base = NumPyDtype(parts[1])
            else { return nil }
            var dtype = base
            if parts.count == 3 {
                guard let shape = Self.shape(parts[2]) else { return nil }
                dtype = base.repeated(shape)
            }
            holdsObjects = holdsObjects || dtype.holdsObjects
            unknown = unknown ?? dtype.unknown
            total = Self.sum(total, dtype.itemBytes)
        }
        self.init(itemBytes: total, holdsObjects: holdsObjects, unknown: unknown)
    }

    private static func isName(_ value: PythonLiteral) -> Bool {
        switch value {
        case .text: true
        case .tuple(let parts):
            parts.count == 2
                && parts.allSatisfy { part in
                    if case .text = part { true } else { false }
                }
        default: false
        }
    }

    private static func sum(_ left: UInt64?, _ right: UInt64?) -> UInt64? {
        guard let left, let right else { return nil }
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? nil : sum
    }

    private func repeated(_ shape: [UInt64]) -> NumPyDtype {
        guard let itemBytes, let count = TensorShape.elementCount(shape) else {
            return NumPyDtype(itemBytes: nil, holdsObjects: holdsObjects, unknown: unknown)
        }
        let (product, overflow) = itemBytes.multipliedReportingOverflow(by: count)
        return NumPyDtype(itemBytes: overflow ? nil : product, holdsObjects: holdsObjects, unknown: unknown)
    }

    /// A byte order, a kind, a size, and for times a unit: `<f4`, `|V16`, `<M8[ns]`.
    private init(code: [UInt8]) {
        var rest = code[...]
        if let first = rest.first, "<>|=".utf8.contains(first) { rest = rest.dropFirst() }
        let kind = rest.popFirst()
        let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
        let unit = rest.dropFirst(digits.count)
        let size = digits.count < 10 ? UInt64(String(decoding: digits, as: UTF8.self)) : nil
        let itemBytes = kind.flatMap { Self.itemBytes(kind: $0, size, hasUnit: !unit.isEmpty) }
        // What is not known might be objects by another name, as in "object" or "i4,O".
        let holdsObjects = kind == UInt8(ascii: "O") && unit.isEmpty || Self.mayNameObjects(code, itemBytes)
        self.init(
            itemBytes: itemBytes, holdsObjects: holdsObjects,
            unknown: itemBytes == nil && !holdsObjects ? String(decoding: code, as: UTF8.self) : nil)
    }

    private static func mayNameObjects(_ code: [UInt8], _ itemBytes: UInt64?) -> Bool {
        itemBytes == nil && (code.contains(UInt8(ascii: "O")) || CodeNames.object.contains(code))
    }

    private enum CodeNames {
        static let object: Set<[UInt8]> = [Array("object".utf8), Array("object_".utf8), Array("obj".utf8)]
    }

    private static func itemBytes(kind: UInt8, _ size: UInt64?, hasUnit: Bool) -> UInt64? {
        switch (Unicode.Scalar(kind), size) {
        case ("M", 8?), ("m", 8?): return 8
        case (_, _) where hasUnit: return nil
        case ("?", nil), ("b", 1?): return 1
        case ("b", nil), ("B", nil): return 1
        case ("i", let size?), ("u", let size?): return [1, 2, 4, 8].contains(size) ? size : nil
        case ("f", let size?): return [2, 4, 8, 10, 12, 16].contains(size) ? size : nil
        case ("c", let size?): return [8, 16, 20, 24, 32].contains(size) ? size : nil
        case ("S", let size?), ("a", let size?), ("V", let size?): return size
        case ("U", let size?): return size * 4
        default: return nil
        }
    }
}
