import ModelFormats

extension FileInspection {
    mutating func inspectTar() {
        guard mayGoDeeper() else { return }
        var reader = TarReader(source, unpacksBeneathRoot: claim == .imageLayer)
        var unread = UnreadMembers()
        var count = 0
        do throws(FormatFault) {
            while let member = try reader.next() {
                try budget.takeMember()
                count += 1
                guard case .file = member.kind else { continue }
                do throws(FormatFault) {
                    try inspect(member)
                } catch {
                    guard case .limitExceeded(let limit, _) = error else { throw error }
                    unread.add(limit, member.name, at: member.dataOffset)
                }
            }
            if count == 0 { findings.add(.archiveNoMembers) }
        } catch {
            add(error, truncated: .tarTruncated, malformed: .tarMalformed)
        }
        unread.report(to: &self)
        for issue in reader.issues {
            add(issue.kind.rule, member: issue.subject, at: issue.offset, detail: issue.kind.detail)
        }
        findings.addDropped(reader.issuesDropped)
    }

    private mutating func inspect(_ member: TarMember) throws(FormatFault) {
        let content = try ByteRange.of(source, from: member.dataOffset, count: member.sizeBytes)
        inspectPart(
            content, name: member.name, in: .tar,
            scope: .member(member.name, .from(member.dataOffset), in: findings.scope), depth: depth + 1)
    }
}

extension TarIssue.Kind {
    var rule: RuleID {
        switch self {
        case .name(let defect): defect.rule
        case .duplicateName: .archiveDuplicateName
        case .similarName: .archiveSimilarNames
        case .outsideLink: .archiveOutsideLink
        case .link: .archiveLink
        case .specialFile: .archiveSpecialFile
        case .specialFileBeneathRoot: .imageSpecialFile
        case .unsupportedType: .archiveUnsupportedMember
        case .sizeDiffers, .ambiguousName: .tarAmbiguous
        case .trailingBytes: .archiveTrailingBytes
        }
    }

    var detail: String {
        switch self {
        case .name(let defect): defect.rawValue
        case .sizeDiffers: "two sizes are told"
        case .ambiguousName: "the name is told more than once"
        case .unsupportedType: "the type of the member is not known"
        case .duplicateName, .similarName, .outsideLink, .link, .specialFile, .specialFileBeneathRoot,
            .trailingBytes:
            ""
        }
    }
}
