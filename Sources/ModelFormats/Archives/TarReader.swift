/// Reads a tar archive header by header: ustar, pax, and the long names of GNU.
///
/// What two programs could understand differently is an issue: sizes and names that are told twice, bytes behind the
/// end.
public struct TarReader {
    private static let extensionBytesMax: UInt64 = 1 << 20
    private static let nameBytesMax = 4096
    private static let issuesPerKindMax = 16

    private let source: any ByteSource
    private let unpacksBeneathRoot: Bool
    private var reader: ByteReader
    private var names = MemberNames()
    private var records: TarRecords?
    private var longName: [UInt8]?
    private var longTarget: [UInt8]?
    public private(set) var issues: [TarIssue] = []
    /// Issues that were found but not kept.
    public var issuesDropped: Int { issueRoom.dropped }
    private var issueRoom = IssueRoom<TarIssue.Kind>(perKindMax: Self.issuesPerKindMax)

    /// - Parameter unpacksBeneathRoot: whether whoever unpacks it takes its top for the root of a file system: links
    ///   lead to where they lead there, and are ordinary unless they climb above it.
    public init(_ source: any ByteSource, unpacksBeneathRoot: Bool = false) {
        self.source = source
        self.unpacksBeneathRoot = unpacksBeneathRoot
        reader = ByteReader(source)
    }

    /// The next member, `nil` at the end.
    public mutating func next() throws(FormatFault) -> TarMember? {
        (records, longName, longTarget) = (nil, nil, nil)
        while reader.remaining > 0 {
            let offset = reader.offset
            let header = TarHeader(try reader.bytes(TarHeader.blockBytes))
            if header.isZero {
                if try !source.isZero(from: reader.offset) { add(.trailingBytes, nil, at: reader.offset) }
                return nil
            }
            guard header.hasChecksum else { throw .invalid(.tarHeader, offset: offset) }
            guard let size = header.number(124, 12) else { throw .invalid(.tarNumber, offset: offset + 124) }
            if try readExtension(header, size, at: offset) { continue }
            return try member(header, size, at: offset)
        }
        return nil
    }

    private mutating func add(_ kind: TarIssue.Kind, _ subject: String?, at offset: UInt64) {
        guard issueRoom.takes(kind) else { return }
        issues.append(TarIssue(kind: kind, subject: subject, offset: offset))
    }

    /// - Returns: whether the header was about the next one.
    private mutating func readExtension(
        _ header: TarHeader, _ size: UInt64, at offset: UInt64
    ) throws(FormatFault) -> Bool {
        let type = header.type
        guard [UInt8(ascii: "x"), UInt8(ascii: "g"), UInt8(ascii: "L"), UInt8(ascii: "K")].contains(type) else {
            return false
        }
        guard size <= Self.extensionBytesMax else { throw .limitExceeded(.archiveNameBytes, offset: offset) }
        let content = try reader.bytes(Int(size))
        try skipPadding(size)
        switch type {
        case UInt8(ascii: "L"), UInt8(ascii: "K"):
            let text = Array(content.prefix { $0 != 0 })
            guard text.count <= Self.nameBytesMax else { throw .limitExceeded(.archiveNameBytes, offset: offset) }
            let isName = type == UInt8(ascii: "L")
            if (isName ? longName : longTarget) != nil { add(.ambiguousName, nil, at: offset) }
            if isName { longName = text } else { longTarget = text }
        default:
            guard let parsed = TarRecords(content) else { throw .invalid(.tarExtension, offset: offset) }
            if type == UInt8(ascii: "x") {
                if records != nil { add(.ambiguousName, nil, at: offset) }
                records = parsed
            } else if parsed.isSpecific {
                add(.ambiguousName, nil, at: offset)
            }
        }
        return true
    }

    private mutating func member(
        _ header: TarHeader, _ told: UInt64, at offset: UInt64
    ) throws(FormatFault) -> TarMember {
        let name = records?.path ?? longName ?? header.name
        let target = records?.target ?? longTarget ?? header.target
        guard name.count <= Self.nameBytesMax else { throw .limitExceeded(.archiveNameBytes, offset: offset) }
        let subject = String(decoding: name, as: UTF8.self)
        if records?.path != nil, longName != nil { add(.ambiguousName, subject, at: offset) }
        let size = records?.size ?? told
        // Twelve octal digits say what 33 bits can: only a larger size has to be told elsewhere.
        if size != told, size < 1 << 33 { add(.sizeDiffers, subject, at: offset) }
        let kind = kind(header.type, isSparse: records?.isSparse ?? false, name)
        try skipSparseMap(header)
        let dataOffset = reader.offset
        switch kind {
        case .file, .unsupported:
            guard size <= reader.remaining else { throw .truncated(offset: source.sizeBytes) }
            try reader.skip(size)
            try skipPadding(size)
        case .directory, .hardLink, .symbolicLink, .special:
            // Some programs skip content here, others read it as the next header.
            if size != 0 { add(.sizeDiffers, subject, at: offset) }
        }
        let member = TarMember(
            kind: kind, nameBytes: name, target: target, sizeBytes: size, headerOffset: offset, dataOffset: dataOffset)
        check(member)
        return member
    }

    /// The map of an old GNU sparse file goes on in further blocks, as long as each says so.
    private mutating func skipSparseMap(_ header: TarHeader) throws(FormatFault) {
        guard header.type == UInt8(ascii: "S") else { return }
        var continues = header.bytes[482] != 0
        while continues {
            continues = try reader.bytes(TarHeader.blockBytes)[504] != 0
        }
    }

    private func kind(_ type: UInt8, isSparse: Bool, _ name: [UInt8]) -> TarMember.Kind {
        if isSparse { return .unsupported(type) }
        return switch Unicode.Scalar(type) {
        case "0", "\0", "7": name.last == UInt8(ascii: "/") ? .directory : .file
        case "1": .hardLink
        case "2": .symbolicLink
        case "3", "4", "6": .special
        case "5": .directory
        default: .unsupported(type)
        }
    }

    private mutating func check(_ member: TarMember) {
        let offset = member.headerOffset
        // "./" names the archive itself.
        if let defect = MemberNameDefect.find(in: member.nameBytes) { add(.name(defect), member.name, at: offset) }
        switch member.kind {
        case .file: break
        case .directory: return
        case .hardLink, .symbolicLink:
            // A symbolic link leads from where it is, a hard link from the top.
            let place = member.kind == .symbolicLink && !member.nameBytes.isEmpty ? member.nameBytes : [0x78]
            checkLink(to: member.target, from: place, member.name, at: offset)
        case .special: add(unpacksBeneathRoot ? .specialFileBeneathRoot : .specialFile, member.name, at: offset)
        case .unsupported: add(.unsupportedType, member.name, at: offset)
        }
        switch names.insert(member.nameBytes) {
        case .same: add(.duplicateName, member.name, at: offset)
        case .sameButForCase: add(.similarName, member.name, at: offset)
        case nil: break
        }
    }

    private mutating func checkLink(to target: [UInt8], from place: [UInt8], _ name: String, at offset: UInt64) {
        guard unpacksBeneathRoot else {
            add(MemberNameDefect.leadsOut(target, from: place) ? .outsideLink : .link, name, at: offset)
            return
        }
        let slash = UInt8(ascii: "/")
        // From the root an absolute target is one without its slashes.
        let isAbsolute = target.first == slash
        let path = isAbsolute ? Array(target.drop { $0 == slash }) : target
        let isRoot = isAbsolute && path.isEmpty
        if !isRoot, MemberNameDefect.leadsOut(path, from: isAbsolute ? [0x78] : place) {
            add(.outsideLink, name, at: offset)
        }
    }

    private mutating func skipPadding(_ size: UInt64) throws(FormatFault) {
        let block = UInt64(TarHeader.blockBytes)
        try reader.skip((block - size % block) % block)
    }
}
