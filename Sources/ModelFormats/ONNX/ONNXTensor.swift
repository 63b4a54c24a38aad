/// A tensor as it was met: what it claims, and how much data is there.
struct ONNXTensor {
    enum Field: Int, CaseIterable {
        case floats, int32s, texts, int64s, doubles, uint64s
    }

    static let dimensionsMax = 64
    static let entriesMax = 16
    static let entryBytesMax = 1024

    let offset: UInt64
    var name: [UInt8] = []
    var dims: [UInt64] = []
    var type: UInt64 = 0
    var rawBytes: UInt64?
    /// Entries of each field of typed data.
    var counts = [UInt64](repeating: 0, count: Field.allCases.count)
    var isExternal = false
    var external = ONNXExternalData()

    init(at offset: UInt64) { self.offset = offset }

    /// The number of elements; `nil` if a dimension is negative or 63 bits cannot say it.
    var elementCount: UInt64? {
        guard dims.allSatisfy({ $0 <= UInt64(Int64.max) }) else { return nil }
        return TensorShape.elementCount(dims)
    }

    /// What is wrong with the data, `nil` if it is as long as shape and type require.
    func defect() -> ONNXIssue.TensorDefect? {
        guard let elements = elementCount else { return .shape }
        guard let dataType = ONNXDataType(rawValue: type) else { return nil }
        let used = Field.allCases.filter { counts[$0.rawValue] > 0 }
        if isExternal {
            if rawBytes ?? 0 > 0 || !used.isEmpty { return .twoPlaces }
            return externalDefect(elements, dataType)
        }
        if !external.isEmpty { return .twoPlaces }
        if let rawBytes, rawBytes > 0 || used.isEmpty {
            guard used.isEmpty else { return .twoPlaces }
            guard let expected = dataType.bytes(for: elements) else { return .length }
            return rawBytes == expected ? nil : .length
        }
        guard used.allSatisfy({ $0 == dataType.field }) else { return .field }
        guard let expected = dataType.entries(for: elements) else { return .shape }
        return counts[dataType.field.rawValue] == expected ? nil : .length
    }

    private func externalDefect(_ elements: UInt64, _ dataType: ONNXDataType) -> ONNXIssue.TensorDefect? {
        guard let expected = dataType.bytes(for: elements) else { return .length }
        if let length = external.length, length != expected { return .length }
        let (_, overflow) = (external.offset ?? 0).addingReportingOverflow(expected)
        return overflow ? .length : nil
    }
}

/// Where the data of a tensor is that is kept in a file of its own.
struct ONNXExternalData {
    /// What is wrong with the entries, the first of it.
    private(set) var defect: ONNXIssue.ExternalDefect?
    private(set) var location: [UInt8]?
    private(set) var offset: UInt64?
    private(set) var length: UInt64?
    private(set) var isEmpty = true
    private var keys: Set<String> = []

    mutating func add(key: [UInt8], value: [UInt8]) {
        isEmpty = false
        let key = String(decoding: key, as: UTF8.self)
        guard keys.insert(key).inserted else { return note(.repeatedKey) }
        switch key {
        case "location": location = value
        case "offset":
            offset = Self.number(value)
            if offset == nil { note(.number) }
        case "length":
            length = Self.number(value)
            if length == nil { note(.number) }
        case "checksum", "basepath": break
        default: note(.unknownKey)
        }
    }

    mutating func note(_ defect: ONNXIssue.ExternalDefect) { self.defect = self.defect ?? defect }

    /// A number as every reader understands it: digits, and nothing that needs more than 63 bits.
    private static func number(_ text: [UInt8]) -> UInt64? {
        guard !text.isEmpty, text.count <= 19, text.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return UInt64(String(decoding: text, as: UTF8.self)).flatMap { $0 <= UInt64(Int64.max) ? $0 : nil }
    }
}
