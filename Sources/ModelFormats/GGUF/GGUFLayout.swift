/// Checks where the tensors of a GGUF file lie: inside it, aligned, one after the other, with nothing between them.
struct GGUFLayout {
    private static let chunkBytes = 4096

    let source: any ByteSource
    let headerEnd: UInt64
    let alignment: UInt64
    private(set) var issues: GGUFIssueList
    private var paddingIsZero = true

    init(source: any ByteSource, headerEnd: UInt64, alignment: UInt64, issues: GGUFIssueList) {
        self.source = source
        self.headerEnd = headerEnd
        self.alignment = alignment
        self.issues = issues
    }

    /// - Returns: the table, unless the range of any tensor is unknown or lies outside the file.
    mutating func check(_ entries: [TensorEntry], sizesAreKnown: Bool) throws(FormatFault) -> TensorTable? {
        let size = source.sizeBytes
        guard let aligned = headerEnd.roundedUp(to: alignment), aligned <= size || entries.isEmpty else {
            throw .invalid(.ggufDataStart, offset: headerEnd)
        }
        // A file without tensors need not have the padding before the data that it does not have.
        let dataStart = min(aligned, size)
        var isInside = sizesAreKnown
        var previousOffset: UInt64 = 0
        var isInOrder = true
        for entry in entries {
            if entry.offset & (alignment - 1) != 0 { add(.offsetNotAligned, entry, dataStart) }
            if entry.offset > size - dataStart || entry.sizeBytes > size - dataStart - entry.offset {
                add(.tensorOutsideFile, entry, dataStart)
                isInside = false
            }
            if isInOrder, entry.offset < previousOffset {
                isInOrder = false
                add(.tensorsOutOfOrder, entry, dataStart)
            }
            previousOffset = entry.offset
        }
        guard isInside else { return nil }
        let table: TensorTable
        do throws(TensorTableFault) {
            table = try TensorTable(dataStart: dataStart, entries: entries, fileSizeBytes: size)
        } catch {
            return nil
        }
        try checkPadding(headerEnd..<dataStart)
        try sweep(table)
        return table
    }

    private mutating func add(_ kind: GGUFIssue.Kind, _ entry: TensorEntry, _ dataStart: UInt64) {
        let (offset, overflow) = dataStart.addingReportingOverflow(entry.offset)
        issues.add(kind, at: overflow ? dataStart : offset, subject: entry.name)
    }

    /// Walks the tensors by where they begin. Each must begin where the one before it ends, after padding.
    private mutating func sweep(_ table: TensorTable) throws(FormatFault) {
        var cursor = table.dataStart
        for index in table.indicesByOffset {
            let entry = table.entries[index]
            guard entry.sizeBytes > 0 else { continue }
            let range = table.range(of: entry)
            if range.lowerBound < cursor {
                add(.tensorOverlap, entry, table.dataStart)
            } else if range.lowerBound - cursor >= alignment {
                issues.add(.gap, at: cursor, subject: entry.name, amount: range.lowerBound - cursor)
            } else {
                try checkPadding(cursor..<range.lowerBound)
            }
            cursor = max(cursor, range.upperBound)
        }
        let trailing = table.fileSizeBytes - cursor
        if trailing >= alignment {
            issues.add(.trailingBytes, at: cursor, amount: trailing)
        } else {
            try checkPadding(cursor..<table.fileSizeBytes)
        }
    }

    /// Padding is written as zeros: anything else was put there by someone. One place is enough to say so.
    private mutating func checkPadding(_ range: Range<UInt64>) throws(FormatFault) {
        guard paddingIsZero else { return }
        var offset = range.lowerBound
        while offset < range.upperBound {
            let count = Int(min(UInt64(Self.chunkBytes), range.upperBound - offset))
            let chunk = try source.bytes(at: offset, count: count)
            if let index = chunk.firstIndex(where: { $0 != 0 }) {
                paddingIsZero = false
                issues.add(.paddingNotZero, at: offset + UInt64(index))
                return
            }
            offset += UInt64(count)
        }
    }
}
