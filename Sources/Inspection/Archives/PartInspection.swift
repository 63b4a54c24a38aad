import ModelFormats

extension FileInspection {
    /// Looks into something inside this file as if it were a file of its own. What is found goes into the same list.
    ///
    /// - Parameters:
    ///   - scope: what the findings are about.
    ///   - format: what it is, where that does not depend on its content.
    mutating func inspectPart(
        _ part: any ByteSource, name: String, in container: Container, scope: FindingScope, depth: Int,
        as format: FileFormat? = nil
    ) {
        var inner = FileInspection(of: part, name: name, in: container, of: self, depth: depth)
        swap(&inner.findings, &findings)
        let outerScope = inner.findings.scope
        inner.findings.scope = scope
        if let format {
            inner.format = format
            inner.inspectContent(nil)
        } else {
            inner.run()
        }
        inner.findings.scope = outerScope
        swap(&inner.findings, &findings)
    }

    /// - Returns: whether there may be another archive or compressed stream at this depth.
    mutating func mayGoDeeper() -> Bool {
        guard depth < limits.archive.depthMax else {
            findings.add(.fileLimit, detail: "limit \(FormatLimit.archiveDepth.rawValue)")
            return false
        }
        return true
    }
}

/// The members of one archive that a limit kept from being read, in one finding.
struct UnreadMembers {
    private var limit: FormatLimit?
    private var place = Finding.Place.file
    private var count = 0

    mutating func add(_ limit: FormatLimit, _ place: Finding.Place) {
        if self.limit == nil {
            self.limit = limit
            self.place = place
        }
        count += 1
    }

    func report(to findings: inout FindingList) {
        guard let limit else { return }
        let words = count == 1 ? "this member was not read" : "this member and \(count - 1) others were not read"
        findings.add(.fileLimit, place, detail: "limit \(limit.rawValue): \(words)")
    }
}

extension MemberNameDefect {
    var rule: RuleID {
        switch self {
        case .empty, .absolute, .drive, .parent, .control: .archiveUnsafeName
        case .backslash: .archiveBackslashName
        }
    }
}
