/// Reads both directories of a ZIP archive, the central one and the local headers before each member, and compares them
/// (APPNOTE 6.3.10).
///
/// Programs differ in which of the two they believe. An archive in which nothing differs, nothing overlaps and no byte
/// belongs to nobody is the same archive for all of them.
public enum ZipReader {
    /// - Throws: only where no directory can be read. `.truncated` if there is no end record.
    public static func read(_ source: any ByteSource, limits: ZipLimits = .standard) throws(FormatFault) -> ZipFile {
        var issues = ZipIssueList(limits: limits)
        let end = try ZipEnd.read(source, &issues)
        var directory = ZipDirectory(limits: limits)
        try directory.read(source, end, &issues)
        var locals = ZipLocalHeaders(
            members: directory.members.sorted { $0.headerOffset < $1.headerOffset }, directoryStart: end.directoryStart)
        let isOverlapping = locals.overlap(&issues)
        if !isOverlapping { try locals.compare(source, &issues) }
        return ZipFile(
            members: locals.members, issues: issues.kept, issuesDropped: issues.dropped, isOverlapping: isOverlapping)
    }
}

/// Walks through what is stored, header by header, and holds it against the central directory.
private struct ZipLocalHeaders {
    private static let headerBytes = 30
    /// Flags on which it depends how data is read: encryption, descriptor, patch, strong encryption, UTF-8, masking.
    private static let flagsThatMatter: UInt16 = 1 | 8 | 0x20 | 0x40 | 0x800 | 0x2000

    private(set) var members: [ZipMember]
    let directoryStart: UInt64

    init(members: [ZipMember], directoryStart: UInt64) {
        self.members = members
        self.directoryStart = directoryStart
    }

    /// Whether members share bytes, by what the central directory says alone.
    func overlap(_ issues: inout ZipIssueList) -> Bool {
        var isOverlapping = false
        for (index, member) in members.enumerated() {
            let next = index + 1 < members.count ? members[index + 1].headerOffset : directoryStart
            let (least, overflow) = member.storedBytes.addingReportingOverflow(
                UInt64(Self.headerBytes + member.nameBytes.count))
            let room = next >= member.headerOffset ? next - member.headerOffset : 0
            if overflow || least > room {
                isOverlapping = true
                issues.add(.overlap, member.name, at: member.headerOffset)
            }
        }
        return isOverlapping
    }

    mutating func compare(_ source: any ByteSource, _ issues: inout ZipIssueList) throws(FormatFault) {
        var cursor: UInt64 = 0
        for index in members.indices {
            let start = members[index].headerOffset
            try reportGap(from: cursor, to: start, isFirst: index == 0, source, &issues)
            let next = index + 1 < members.count ? members[index + 1].headerOffset : directoryStart
            guard let dataOffset = try compare(members[index], source, until: next, &issues) else {
                issues.add(.localMissing, members[index].name, at: start)
                cursor = next
                continue
            }
            members[index].dataOffset = dataOffset
            cursor = dataOffset + members[index].storedBytes
            if members[index].hasDescriptor {
                let length = try descriptorBytes(of: members[index], at: cursor, until: next, source)
                if length == nil { issues.add(.descriptorDiffers, members[index].name, at: cursor) }
                cursor += length ?? next - cursor
            }
        }
        if members.isEmpty, directoryStart > 0 {
            issues.add(.prefix, at: 0)
        } else {
            try reportGap(from: cursor, to: directoryStart, isFirst: false, source, &issues)
        }
    }

    private func reportGap(
        from start: UInt64, to end: UInt64, isFirst: Bool, _ source: any ByteSource, _ issues: inout ZipIssueList
    ) throws(FormatFault) {
        guard start < end else { return }
        if isFirst { issues.add(.prefix, at: start) }
        let mark = try source.bytes(at: start, count: Int(min(4, end - start)))
        if mark == [0x50, 0x4B, 3, 4] {
            issues.add(.hiddenMember, at: start)
        } else if !isFirst {
            issues.add(.gap, at: start)
        }
    }

    /// - Returns: where the data begins; `nil` if there is no local header, or no room for the data before `next`.
    private func compare(
        _ member: ZipMember, _ source: any ByteSource, until next: UInt64, _ issues: inout ZipIssueList
    ) throws(FormatFault) -> UInt64? {
        let offset = member.headerOffset
        let header = LittleEndianFields(try source.bytes(at: offset, count: Self.headerBytes)[...])
        let nameCount = UInt64(header.uint16(26))
        let extraCount = UInt64(header.uint16(28))
        let dataOffset = offset + UInt64(Self.headerBytes) + nameCount + extraCount
        guard header.uint32(0) == 0x0403_4B50, dataOffset <= next, member.storedBytes <= next - dataOffset else {
            return nil
        }
        let name = try source.bytes(at: offset + UInt64(Self.headerBytes), count: Int(nameCount))
        let extra = ZipExtra(
            try source.bytes(at: offset + UInt64(Self.headerBytes) + nameCount, count: Int(extraCount)))
        if name != member.nameBytes { issues.add(.nameDiffers, member.name, at: offset) }
        if let other = extra.unicodePath, other != name { issues.add(.otherNameInExtra, member.name, at: offset) }
        if header.uint16(8) != member.method { issues.add(.methodDiffers, member.name, at: offset) }
        if (header.uint16(6) ^ member.flags) & Self.flagsThatMatter != 0 {
            issues.add(.flagsDiffer, member.name, at: offset)
        }
        compareNumbers(member, header, extra, &issues)
        return dataOffset
    }

    /// With a descriptor the numbers in front of the data are zero, as they were not known yet (APPNOTE 4.4.4).
    private func compareNumbers(
        _ member: ZipMember, _ header: LittleEndianFields, _ extra: ZipExtra, _ issues: inout ZipIssueList
    ) {
        let isOpen = member.hasDescriptor
        let sum = header.uint32(14)
        if sum != member.crc32, !(isOpen && sum == 0) {
            issues.add(.checksumDiffers, member.name, at: member.headerOffset)
        }
        let sizes = extra.wideNumbers([UInt64(header.uint32(22)), UInt64(header.uint32(18))])
        let isSame =
            sizes.map { sizes in
                zip(sizes, [member.sizeBytes, member.storedBytes]).allSatisfy { $0 == $1 || isOpen && $0 == 0 }
            } ?? false
        if !isSame { issues.add(.sizeDiffers, member.name, at: member.headerOffset) }
    }

    /// The length of the descriptor behind the data, with or without a signature, of 32 or 64 bits (APPNOTE 4.3.9).
    ///
    /// - Returns: `nil` if what lies between the data and `next` is no descriptor that says the same as the directory.
    private func descriptorBytes(
        of member: ZipMember, at offset: UInt64, until next: UInt64, _ source: any ByteSource
    ) throws(FormatFault) -> UInt64? {
        let length = next - offset
        guard [12, 16, 20, 24].contains(length) else { return nil }
        var bytes = try source.bytes(at: offset, count: Int(length))[...]
        if length == 16 || length == 24 {
            guard bytes.starts(with: [0x50, 0x4B, 7, 8]) else { return nil }
            bytes = bytes.dropFirst(4)
        }
        let fields = LittleEndianFields(bytes)
        let isWide = length >= 20
        let stored = isWide ? fields.uint64(4) : UInt64(fields.uint32(4))
        let size = isWide ? fields.uint64(12) : UInt64(fields.uint32(8))
        let isSame = fields.uint32(0) == member.crc32 && stored == member.storedBytes && size == member.sizeBytes
        return isSame ? length : nil
    }
}
