/// The end of a ZIP archive: where its directory is, by all records that say so (APPNOTE 4.3.14 to 4.3.16).
struct ZipEnd {
    static let recordBytes: UInt64 = 22
    private static let locatorBytes: UInt64 = 20
    private static let record64Bytes: UInt64 = 56
    private static let commentBytesMax: UInt64 = 65_535

    /// Members, as announced.
    private(set) var count: UInt64 = 0
    private(set) var directoryStart: UInt64 = 0
    private(set) var directoryBytes: UInt64 = 0
    /// Where the first of the end records begins.
    private(set) var offset: UInt64 = 0
    private var isLastDisk = true

    /// Finds the last end record, as every reader does.
    static func read(_ source: any ByteSource, _ issues: inout ZipIssueList) throws(FormatFault) -> ZipEnd {
        let size = source.sizeBytes
        let tailStart = size - min(size, recordBytes + commentBytesMax)
        let tail = try source.bytes(at: tailStart, count: Int(size - tailStart))
        guard let index = last(in: tail, before: tail.count) else { throw .truncated(offset: size) }
        var end = ZipEnd()
        end.offset = tailStart + UInt64(index)
        let record = LittleEndianFields(tail[index...])
        end.isLastDisk = record.uint16(4) == 0 && record.uint16(6) == 0
        end.count = UInt64(record.uint16(10))
        if record.uint16(8) != record.uint16(10) { end.isLastDisk = false }
        end.directoryBytes = UInt64(record.uint32(12))
        end.directoryStart = UInt64(record.uint32(16))
        let commentEnd = index + Int(recordBytes) + Int(record.uint16(20))
        if commentEnd != tail.count { issues.add(.trailingBytes, at: tailStart + UInt64(min(commentEnd, tail.count))) }
        let comment = tail[min(index + Int(recordBytes), tail.count)..<min(commentEnd, tail.count)]
        if !UTF8Validator.isValid(Array(comment))
            || comment.contains(where: { $0 < 0x20 && ![9, 10, 13].contains($0) })
        {
            issues.add(.binaryComment, at: end.offset)
        }
        if hasOther(tail, before: index) { issues.add(.secondEnd, at: end.offset) }
        try end.readRecord64(source, &issues)
        if !end.isLastDisk { issues.add(.multiDisk, at: end.offset) }
        return end
    }

    private static func last(in tail: [UInt8], before end: Int) -> Int? {
        var index = min(end - 1, tail.count - Int(recordBytes))
        while index >= 0 {
            if tail[index] == 0x50, tail[index...].starts(with: [0x50, 0x4B, 0x05, 0x06]) { return index }
            index -= 1
        }
        return nil
    }

    /// Whether an earlier record claims all that follows as its comment: then the last one is part of a comment, for
    /// those who look at it that way.
    private static func hasOther(_ tail: [UInt8], before end: Int) -> Bool {
        var limit = end
        while let index = last(in: tail, before: limit) {
            if index + Int(recordBytes) + Int(LittleEndianFields(tail[index...]).uint16(20)) == tail.count {
                return true
            }
            limit = index
        }
        return false
    }

    private mutating func readRecord64(_ source: any ByteSource, _ issues: inout ZipIssueList) throws(FormatFault) {
        let endOffset = offset
        let needs64 = directoryBytes == 0xFFFF_FFFF || directoryStart == 0xFFFF_FFFF
        guard endOffset >= Self.locatorBytes else {
            if needs64 { issues.add(.endsDiffer, at: endOffset) }
            return
        }
        let locatorOffset = endOffset - Self.locatorBytes
        let locator = LittleEndianFields(try source.bytes(at: locatorOffset, count: Int(Self.locatorBytes))[...])
        guard locator.uint32(0) == 0x0706_4B50 else {
            if needs64 { issues.add(.endsDiffer, at: endOffset) }
            return
        }
        let recordOffset = locator.uint64(8)
        guard locatorOffset >= Self.record64Bytes, recordOffset <= locatorOffset - Self.record64Bytes else {
            issues.add(.endsDiffer, at: locatorOffset)
            return
        }
        let record = LittleEndianFields(try source.bytes(at: recordOffset, count: Int(Self.record64Bytes))[...])
        // The record ends where the locator begins: others look for it there and not where the locator points.
        guard record.uint32(0) == 0x0606_4B50, record.uint64(4) == locatorOffset - recordOffset - 12 else {
            issues.add(.endsDiffer, at: recordOffset)
            return
        }
        take(record, locator)
        if record.uint64(4) != 44 { issues.add(.directoryGap, at: recordOffset) }
        if !agrees(record) { issues.add(.endsDiffer, at: endOffset) }
        (count, directoryBytes, directoryStart) = (record.uint64(32), record.uint64(40), record.uint64(48))
        offset = recordOffset
    }

    private mutating func take(_ record: LittleEndianFields, _ locator: LittleEndianFields) {
        let isOne =
            record.uint32(16) == 0 && record.uint32(20) == 0 && locator.uint32(4) == 0 && locator.uint32(16) <= 1
        if !isOne || record.uint64(24) != record.uint64(32) { isLastDisk = false }
    }

    private func agrees(_ record: LittleEndianFields) -> Bool {
        (count == 0xFFFF || count == record.uint64(32))
            && (directoryBytes == 0xFFFF_FFFF || directoryBytes == record.uint64(40))
            && (directoryStart == 0xFFFF_FFFF || directoryStart == record.uint64(48))
    }
}

/// Numbers at fixed places of a record; zero where the record ends before them.
struct LittleEndianFields {
    private let bytes: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
    }

    var count: Int { bytes.count }

    func uint16(_ offset: Int) -> UInt16 { UInt16(truncatingIfNeeded: number(offset, 2)) }
    func uint32(_ offset: Int) -> UInt32 { UInt32(truncatingIfNeeded: number(offset, 4)) }
    func uint64(_ offset: Int) -> UInt64 { number(offset, 8) }

    private func number(_ offset: Int, _ count: Int) -> UInt64 {
        guard offset >= 0, offset + count <= bytes.count else { return 0 }
        var value: UInt64 = 0
        for index in stride(from: bytes.startIndex + offset + count - 1, through: bytes.startIndex + offset, by: -1) {
            value = value << 8 | UInt64(bytes[index])
        }
        return value
    }
}
