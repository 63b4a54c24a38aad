/// Reads the tensor descriptions of a GGUF header.
struct GGUFTensorReader {
    /// What ggml allows: four dimensions, names of 63 bytes.
    private static let ggmlDimensionsMax = 4
    private static let ggmlNameBytesMax = 63

    private(set) var reader: ByteReader
    private let limits: GGUFLimits
    private(set) var issues: GGUFIssueList
    private(set) var entries: [TensorEntry] = []
    /// False if the bytes that some tensor takes cannot be known.
    private(set) var sizesAreKnown = true
    private var names: Set<[UInt8]> = []
    private var namesBytes = 0

    init(reader: ByteReader, limits: GGUFLimits, issues: GGUFIssueList) {
        self.reader = reader
        self.limits = limits
        self.issues = issues
    }

    /// - Parameter count: has been compared with the limit and with what is left of the file.
    mutating func read(count: Int) throws(FormatFault) {
        entries.reserveCapacity(count)
        for _ in 0..<count {
            try tensor()
        }
    }

    private mutating func tensor() throws(FormatFault) {
        let start = reader.offset
        guard start <= limits.headerBytesMax else { throw .limitExceeded(.ggufHeaderBytes, offset: start) }
        let name = try name()
        let shape = try shape(at: start, name: name)
        let rawType = try reader.uint32()
        let offset = try reader.uint64()
        let (elements, size) = sizes(of: shape, rawType: rawType, at: start, name: name)
        entries.append(
            TensorEntry(
                nameBytes: name, typeName: GGMLType.name(of: rawType), shape: shape, offset: offset,
                sizeBytes: size, elementCount: elements))
    }

    private mutating func add(
        _ kind: GGUFIssue.Kind, at offset: UInt64, name: [UInt8], amount: UInt64? = nil
    ) {
        issues.add(kind, at: offset, subject: String(decoding: name, as: UTF8.self), amount: amount)
    }

    private mutating func name() throws(FormatFault) -> [UInt8] {
        let start = reader.offset
        let length = try reader.uint64()
        guard length <= TensorTable.nameBytesMax else { throw .limitExceeded(.tensorNameBytes, offset: start) }
        let name = try reader.bytes(Int(length))
        namesBytes += name.count
        guard namesBytes <= TensorTable.namesBytesMax else { throw .limitExceeded(.tensorNamesBytes, offset: start) }
        if name.isEmpty { add(.tensorNameEmpty, at: start, name: name) }
        if name.count > Self.ggmlNameBytesMax { add(.tensorNameTooLong, at: start, name: name) }
        if name.contains(0) { add(.tensorNameHoldsNUL, at: start, name: name) }
        if !UTF8Validator.isValid(name) { add(.tensorNameNotUTF8, at: start, name: name) }
        if !names.insert(name).inserted { add(.duplicateTensorName, at: start, name: name) }
        return name
    }

    private mutating func shape(at start: UInt64, name: [UInt8]) throws(FormatFault) -> [UInt64] {
        let offset = reader.offset
        let dimensions = try reader.uint32()
        guard dimensions <= limits.dimensionsMax else { throw .limitExceeded(.ggufDimensions, offset: offset) }
        if dimensions > Self.ggmlDimensionsMax { add(.tooManyDimensions, at: start, name: name) }
        var shape: [UInt64] = []
        shape.reserveCapacity(Int(dimensions))
        for _ in 0..<dimensions {
            shape.append(try reader.uint64())
        }
        return shape
    }

    private mutating func sizes(
        of shape: [UInt64], rawType: UInt32, at start: UInt64, name: [UInt8]
    ) -> (elements: UInt64, bytes: UInt64) {
        guard let elements = TensorShape.elementCount(shape) else {
            sizesAreKnown = false
            add(.elementCountOverflow, at: start, name: name)
            return (0, 0)
        }
        if elements == 0 { add(.zeroElements, at: start, name: name) }
        guard let type = GGMLType(rawValue: rawType) else {
            sizesAreKnown = false
            add(.unknownTensorType, at: start, name: name, amount: UInt64(rawType))
            return (elements, 0)
        }
        if (shape.first ?? 1) % type.block.elements != 0 { add(.partialBlock, at: start, name: name) }
        guard let bytes = type.sizeBytes(elements: elements) else {
            sizesAreKnown = false
            add(.sizeOverflow, at: start, name: name)
            return (elements, 0)
        }
        return (elements, bytes)
    }
}
