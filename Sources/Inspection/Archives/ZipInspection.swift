import ModelFormats

extension FileInspection {
    mutating func inspectZip() {
        guard mayGoDeeper() else { return }
        let file: ZipFile
        do throws(FormatFault) {
            file = try ZipReader.read(source, limits: limits.zip)
        } catch {
            add(error, truncated: .zipTruncated, malformed: .zipMalformed)
            return
        }
        for issue in file.issues {
            add(issue.kind.rule, member: issue.subject, at: issue.offset, detail: issue.kind.detail)
        }
        findings.addDropped(file.issuesDropped)
        if file.members.isEmpty { findings.add(.archiveNoMembers) }
        guard !file.isOverlapping else { return }
        let torch = TorchArchive(file.members)
        if torch != nil { contents.insert(Fact.torchArchive) }
        let codeCount = torch.map { torch in file.members.count { torch.isCode($0.nameBytes) } } ?? 0
        let container: Container =
            torch != nil ? .torch : KerasArchive.isOne(file.members, name: name) ? .keras : .zip
        if container == .keras { contents.insert(Fact.kerasArchive) }
        if codeCount > 0 { findings.add(.torchScript, detail: "\(codeCount) files of code") }
        var unread = UnreadMembers()
        for member in file.members where !member.isDirectory {
            guard let offset = member.dataOffset else { continue }
            do throws(FormatFault) {
                try budget.takeMember()
                try inspect(member, at: offset, torch, in: container)
            } catch {
                guard case .limitExceeded(let limit, _) = error, limit != .compressionRatio else {
                    addMemberFault(error, member, at: offset)
                    continue
                }
                unread.add(limit, member.name, at: offset)
            }
        }
        unread.report(to: &self)
    }

    private mutating func addMemberFault(_ fault: FormatFault, _ member: ZipMember, at offset: UInt64) {
        let outer = findings.scope
        findings.scope = .member(member.name, .at(offset), in: outer)
        add(fault, truncated: .archiveDamagedMember, malformed: .archiveDamagedMember)
        findings.scope = outer
    }

    private mutating func inspect(
        _ member: ZipMember, at offset: UInt64, _ torch: TorchArchive?, in container: Container
    ) throws(FormatFault) {
        guard let opened = try open(member, at: offset) else { return }
        if opened.crc32 != member.crc32 { add(.archiveChecksum, member: member.name, at: offset) }
        if member.isSymbolicLink { return try inspectLink(opened.source, member, at: offset) }
        if let torch, torch.isStorage(member.nameBytes), try !isDisguised(opened.source) { return }
        let offsets: FindingScope.Offsets = opened.isStored ? .from(offset) : .at(offset)
        inspectPart(
            opened.source, name: member.name, in: container,
            scope: .member(member.name, offsets, in: findings.scope), depth: depth + 1)
    }

    private struct Opened {
        let source: any ByteSource
        let crc32: UInt32
        let isStored: Bool
    }

    /// - Returns: `nil` if a finding says why the member cannot be read.
    private mutating func open(_ member: ZipMember, at offset: UInt64) throws(FormatFault) -> Opened? {
        guard member.isProtected else {
            let opened = try decode(member, at: offset)
            if opened == nil {
                add(.archiveUnsupportedMember, member: member.name, at: offset, detail: "method \(member.method)")
            }
            return opened
        }
        // Programs that do not look at the flags read what is there. If it is not encrypted they run it.
        var opened: Opened?
        do throws(FormatFault) {
            opened = try decode(member, at: offset)
        } catch {
            switch error {
            case .limitExceeded, .unreadable: throw error
            default: break
            }
        }
        guard let opened, opened.crc32 == member.crc32, opened.source.sizeBytes == member.sizeBytes else {
            add(.archiveEncrypted, member: member.name, at: offset)
            return nil
        }
        add(
            .zipFalseEncryption, member: member.name, at: offset, detail: "flags \(String(member.flags, radix: 2))")
        return opened
    }

    /// - Returns: `nil` for a method that is not known.
    private func decode(_ member: ZipMember, at offset: UInt64) throws(FormatFault) -> Opened? {
        let stored = ByteRange(source, from: offset, count: member.storedBytes)
        if member.method == 0 {
            guard member.storedBytes == member.sizeBytes || member.isProtected else {
                throw .invalid(.memberLength, offset: 0)
            }
            let content = try ByteRange.of(source, from: offset, count: member.storedBytes)
            return Opened(source: content, crc32: try Decompression.crc32(of: content), isStored: true)
        }
        guard let compression = member.compression else { return nil }
        guard !Decompression.isExcessive(member.sizeBytes, from: member.storedBytes) else {
            throw .limitExceeded(.compressionRatio, offset: 0)
        }
        let content = try Decompression.open(stored, compression, expecting: member.sizeBytes, budget: budget)
        // What follows the stream within the member is seen by those who read on.
        if let trailing = content.trailingOffset { throw .invalid(.memberLength, offset: trailing) }
        return Opened(source: content.source, crc32: content.crc32, isStored: false)
    }

    private mutating func inspectLink(
        _ source: any ByteSource, _ member: ZipMember, at offset: UInt64
    ) throws(FormatFault) {
        let target = try source.bytes(at: 0, count: Int(min(source.sizeBytes, 4096)))
        let isOutside = source.sizeBytes > 4096 || MemberNameDefect.leadsOut(target, from: member.nameBytes)
        add(
            isOutside ? .archiveOutsideLink : .archiveLink, member: member.name, at: offset,
            detail: String(decoding: target, as: UTF8.self))
    }

    private func isDisguised(_ storage: any ByteSource) throws(FormatFault) -> Bool {
        TorchArchive.isDisguised(try storage.bytes(at: 0, count: Int(min(storage.sizeBytes, 16))))
    }
}

extension ZipMember {
    /// Whether flags say that the data cannot simply be read: encrypted, strongly so, a patch, or masked.
    fileprivate var isProtected: Bool { flags & (1 | 0x20 | 0x40 | 0x2000) != 0 }

    /// APPNOTE 4.4.5.
    var compression: Compression? {
        switch method {
        case 8: .deflate
        case 12: .bzip2
        case 93: .zstandard
        case 95: .xz
        default: nil
        }
    }
}

extension ZipIssue.Kind {
    var rule: RuleID {
        switch self {
        case .prefix, .gap, .hiddenMember, .directoryGap, .binaryComment: .zipHiddenBytes
        case .trailingBytes: .archiveTrailingBytes
        case .secondEnd, .endsDiffer, .countDiffers: .zipAmbiguousEnd
        case .multiDisk: .zipMultiDisk
        case .overlap: .zipOverlap
        case .localMissing, .nameDiffers, .sizeDiffers, .checksumDiffers, .methodDiffers, .flagsDiffer,
            .descriptorDiffers, .otherNameInExtra:
            .zipDirectoriesDiffer
        case .nameEncoding: .zipNameEncoding
        case .name(let defect): defect.rule
        case .duplicateName: .archiveDuplicateName
        case .similarName: .archiveSimilarNames
        case .specialFile: .archiveSpecialFile
        }
    }

    var detail: String {
        switch self {
        case .prefix: "there are bytes before the first member"
        case .gap: "there are bytes between members"
        case .hiddenMember: "there is a member that the directory does not list"
        case .directoryGap: "there are bytes around the directory"
        case .binaryComment: "the comment holds bytes that are no text"
        case .secondEnd: "the comment holds another end record"
        case .endsDiffer: "the end records of 32 and 64 bits disagree"
        case .countDiffers: "the directory has another number of members than the end record says"
        case .localMissing: "there is no member where the directory says"
        case .nameDiffers: "the name differs"
        case .sizeDiffers: "the size differs"
        case .checksumDiffers: "the checksum differs"
        case .methodDiffers: "the compression method differs"
        case .flagsDiffer: "the flags differ"
        case .descriptorDiffers: "the descriptor behind the data differs"
        case .otherNameInExtra: "an extra field gives another name"
        case .name(let defect): defect.rawValue
        case .trailingBytes, .multiDisk, .overlap, .nameEncoding, .duplicateName, .similarName, .specialFile: ""
        }
    }
}
