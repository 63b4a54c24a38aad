/// Reads the central directory of a ZIP archive (APPNOTE 4.3.12).
struct ZipDirectory {
    private static let headerBytes = 46

    private let limits: ZipLimits
    private(set) var members: [ZipMember] = []
    private var names = MemberNames()
    private var namesBytes = 0

    init(limits: ZipLimits) {
        self.limits = limits
    }

    mutating func read(
        _ source: any ByteSource, _ end: ZipEnd, _ issues: inout ZipIssueList
    ) throws(FormatFault) {
        let (stop, overflow) = end.directoryStart.addingReportingOverflow(end.directoryBytes)
        guard !overflow, stop <= end.offset else { throw .invalid(.zipDirectory, offset: end.offset) }
        if stop < end.offset { issues.add(.directoryGap, at: stop) }
        var reader = ByteReader(source, from: end.directoryStart, end: stop)
        while reader.remaining > 0 {
            guard members.count < limits.membersMax else {
                throw .limitExceeded(.archiveMemberCount, offset: reader.offset)
            }
            try readMember(&reader, &issues)
        }
        if UInt64(members.count) != end.count { issues.add(.countDiffers, at: end.offset) }
    }

    private mutating func readMember(_ reader: inout ByteReader, _ issues: inout ZipIssueList) throws(FormatFault) {
        let offset = reader.offset
        let header = LittleEndianFields(try reader.bytes(Self.headerBytes)[...])
        guard header.uint32(0) == 0x0201_4B50 else { throw .invalid(.zipDirectoryHeader, offset: offset) }
        let nameCount = Int(header.uint16(28))
        guard nameCount <= limits.nameBytesMax else { throw .limitExceeded(.archiveNameBytes, offset: offset) }
        namesBytes += nameCount
        guard namesBytes <= limits.namesBytesMax else { throw .limitExceeded(.archiveNameBytes, offset: offset) }
        let name = try reader.bytes(nameCount)
        let extra = ZipExtra(try reader.bytes(Int(header.uint16(30))))
        try reader.skip(UInt64(header.uint16(32)))

        let wide = extra.wideNumbers(
            [UInt64(header.uint32(24)), UInt64(header.uint32(20)), UInt64(header.uint32(42))])
        guard let wide else { throw .invalid(.zipWideNumbers, offset: offset) }
        let member = ZipMember(
            nameBytes: name, method: header.uint16(10), flags: header.uint16(8), crc32: header.uint32(16),
            storedBytes: wide[1], sizeBytes: wide[0], headerOffset: wide[2],
            unixType: header.uint32(38) >> 16 & 0o170000)
        let disk = header.uint16(34)
        if disk != 0, disk != 0xFFFF { issues.add(.multiDisk, member.name, at: offset) }
        if let other = extra.unicodePath, other != name { issues.add(.otherNameInExtra, member.name, at: offset) }
        check(member, &issues, at: offset)
        members.append(member)
    }

    private mutating func check(_ member: ZipMember, _ issues: inout ZipIssueList, at offset: UInt64) {
        if let defect = MemberNameDefect.find(in: member.nameBytes) {
            issues.add(.name(defect), member.name, at: offset)
        }
        if member.nameBytes.contains(where: { $0 >= 0x80 }),
            member.flags & 0x800 == 0 || !UTF8Validator.isValid(member.nameBytes)
        {
            issues.add(.nameEncoding, member.name, at: offset)
        }
        switch names.insert(member.nameBytes) {
        case .same: issues.add(.duplicateName, member.name, at: offset)
        case .sameButForCase: issues.add(.similarName, member.name, at: offset)
        case nil: break
        }
        switch member.unixType {
        case 0, 0o100000, 0o040000, 0o120000: break
        default: issues.add(.specialFile, member.name, at: offset)
        }
    }
}

/// The extra field of a header (APPNOTE 4.5).
struct ZipExtra {
    private static let wideID: UInt16 = 1
    private static let unicodePathID: UInt16 = 0x7075
    private let wide: ArraySlice<UInt8>?
    /// The name that Info-ZIP's extra field gives the member (APPNOTE 4.6.9).
    let unicodePath: [UInt8]?

    init(_ bytes: [UInt8]) {
        var wide: ArraySlice<UInt8>?
        var path: [UInt8]?
        var index = 0
        while index + 4 <= bytes.count {
            let field = LittleEndianFields(bytes[index...])
            let start = index + 4
            let end = min(bytes.count, start + Int(field.uint16(2)))
            switch field.uint16(0) {
            case Self.wideID: wide = wide ?? bytes[start..<end]
            case Self.unicodePathID where end - start >= 5: path = path ?? Array(bytes[(start + 5)..<end])
            default: break
            }
            index = end
        }
        self.wide = wide
        unicodePath = path
    }

    /// The numbers, those that 32 bits cannot say taken from the ZIP64 field in their order (APPNOTE 4.5.3).
    ///
    /// - Returns: `nil` if the field ends before them. Without any ZIP64 field the numbers are what they are.
    func wideNumbers(_ numbers: [UInt64]) -> [UInt64]? {
        guard let wide else { return numbers }
        let fields = LittleEndianFields(wide)
        var place = 0
        var result: [UInt64] = []
        for number in numbers {
            guard number == 0xFFFF_FFFF else {
                result.append(number)
                continue
            }
            guard place + 8 <= fields.count else { return nil }
            result.append(fields.uint64(place))
            place += 8
        }
        return result
    }
}
