/// Reads the JSON of a safetensors header and checks what it says about each tensor.
struct SafetensorsHeaderReader {
    private static let metadataName = "__metadata__"

    private let limits: SafetensorsLimits
    private(set) var metadata: [SafetensorsFile.Metadata] = []
    private(set) var entries: [TensorEntry] = []
    private(set) var issues: [SafetensorsIssue] = []
    private var issueRoom: IssueRoom<SafetensorsIssue.Kind>
    var issuesDropped: Int { issueRoom.dropped }
    private var namesBytes = 0
    private var metadataBytes = 0
    private var sizesAreKnown = true
    /// The limit that made `read` give up.
    private(set) var limitReached: FormatLimit?
    /// What is wrong if `read` met valid JSON that is no header.
    private(set) var defect = FormatDefect.safetensorsShape

    init(limits: SafetensorsLimits) {
        self.limits = limits
        issueRoom = IssueRoom(perKindMax: limits.issuesPerKindMax)
    }

    mutating func add(_ kind: SafetensorsIssue.Kind, _ subject: String?) {
        guard issueRoom.takes(kind) else { return }
        issues.append(SafetensorsIssue(kind: kind, subject: subject))
    }

    mutating func read(_ pull: inout JSONPull) throws(JSONPull.Fault) {
        try pull.beginObject()
        while let name = try pull.nextName() {
            if name.utf8.elementsEqual(Self.metadataName.utf8) {
                try readMetadata(&pull)
            } else {
                try readTensor(name, &pull)
            }
        }
        try pull.end()
        if entries.isEmpty { add(.noTensors, nil) }
    }

    private mutating func giveUp(_ limit: FormatLimit, _ pull: JSONPull) -> JSONPull.Fault {
        limitReached = limit
        return pull.unexpected
    }

    private mutating func readMetadata(_ pull: inout JSONPull) throws(JSONPull.Fault) {
        defect = .safetensorsMetadata
        try pull.beginObject()
        while let key = try pull.nextName() {
            let value = try pull.string()
            metadataBytes += key.utf8.count + value.utf8.count
            guard metadata.count < limits.metadataCountMax, metadataBytes <= limits.metadataBytesMax else {
                throw giveUp(.safetensorsMetadataCount, pull)
            }
            metadata.append(SafetensorsFile.Metadata(key: key, value: value))
        }
        defect = .safetensorsShape
    }

    private mutating func readTensor(_ name: String, _ pull: inout JSONPull) throws(JSONPull.Fault) {
        let nameBytes = Array(name.utf8)
        guard nameBytes.count <= TensorTable.nameBytesMax else { throw giveUp(.tensorNameBytes, pull) }
        namesBytes += nameBytes.count
        guard namesBytes <= TensorTable.namesBytesMax else { throw giveUp(.tensorNamesBytes, pull) }
        guard entries.count < limits.tensorCountMax else { throw giveUp(.safetensorsTensorCount, pull) }

        var dtype: SafetensorsDtype?
        var shape: [UInt64]?
        var range: [UInt64]?
        try pull.beginObject()
        while let member = try pull.nextName() {
            switch member {
            case "dtype":
                let text = try pull.string()
                defect = .safetensorsDtype
                guard let known = SafetensorsDtype(rawValue: text) else { throw pull.unexpected }
                dtype = known
            case "shape":
                defect = .safetensorsNumber
                shape = try pull.uint64s(countMax: limits.dimensionsMax)
            case "data_offsets":
                defect = .safetensorsNumber
                range = try pull.uint64s(countMax: 2)
            default:
                add(.unknownMember, name)
                try pull.skipValue()
            }
            defect = .safetensorsShape
        }
        guard let dtype, let shape, let range, range.count == 2 else { throw pull.unexpected }
        entries.append(entry(nameBytes, name, dtype, shape, begin: range[0], end: range[1]))
    }

    private mutating func entry(
        _ nameBytes: [UInt8], _ name: String, _ dtype: SafetensorsDtype, _ shape: [UInt64], begin: UInt64, end: UInt64
    ) -> TensorEntry {
        let elements = TensorShape.elementCount(shape)
        let expected = elements.flatMap { dtype.sizeBytes(elements: $0) }
        if begin > end {
            sizesAreKnown = false
            add(.rangeOutside, name)
        } else if expected != end - begin {
            add(.lengthMismatch, name)
        }
        return TensorEntry(
            nameBytes: nameBytes, typeName: dtype.rawValue, shape: shape, offset: begin,
            sizeBytes: end >= begin ? end - begin : 0, elementCount: elements ?? 0)
    }

    /// Checks that the tensors cover the data exactly once: "the byte buffer needs to be entirely indexed, and cannot
    /// contain holes", so that no second format can hide in it.
    ///
    /// - Returns: the table, unless a tensor lies outside the file.
    mutating func layOut(dataStart: UInt64, fileSizeBytes: UInt64) -> TensorTable? {
        guard sizesAreKnown else { return nil }
        let table: TensorTable
        do throws(TensorTableFault) {
            table = try TensorTable(dataStart: dataStart, entries: entries, fileSizeBytes: fileSizeBytes)
        } catch {
            if case .entryOutside(let index) = error { add(.rangeOutside, entries[index].name) }
            return nil
        }
        var cursor = dataStart
        for index in table.indicesByOffset {
            let range = table.range(of: entries[index])
            if range.lowerBound < cursor {
                add(.overlap, entries[index].name)
            } else if range.lowerBound > cursor {
                add(.hole, entries[index].name)
            }
            cursor = max(cursor, range.upperBound)
        }
        if cursor != fileSizeBytes { add(.trailingBytes, nil) }
        return table
    }
}
