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
        contents.formUnion(inner.contents)
        contents.insert(inner.format.rawValue)
        if [.zip, .tar, .compressed].contains(container) { packedModel.add(inner) }
        // The description of a model says what the whole is.
        guard container == .keras else { return }
        for fact in inner.facts.kept where fact.key == .modelType || fact.key == .generator {
            facts.add(fact.key, fact.value)
        }
    }

    /// Adds what is wrong with a member as such: its name, its place, what the archive says about it.
    ///
    /// - Parameter offset: in this file.
    mutating func add(_ rule: RuleID, member: String?, at offset: UInt64, detail: String = "") {
        let outer = findings.scope
        findings.scope = .member(member, .from(0), in: outer)
        findings.add(rule, .init(offset: offset), detail: detail)
        findings.scope = outer
    }

    /// - Returns: whether there may be another archive or compressed stream at this depth.
    mutating func mayGoDeeper() -> Bool {
        if depth < limits.archive.depthMax { return true }
        if budget.countTooDeep() {
            findings.add(.fileLimit, detail: "limit \(FormatLimit.archiveDepth.rawValue)")
        } else {
            findings.addDropped(1)
        }
        return false
    }
}

/// The members of one archive that a limit kept from being read, for one finding.
struct UnreadMembers {
    private var first: (limit: FormatLimit, name: String, offset: UInt64)?
    private var count = 0

    mutating func add(_ limit: FormatLimit, _ name: String, at offset: UInt64) {
        first = first ?? (limit, name, offset)
        count += 1
    }

    func report(to inspection: inout FileInspection) {
        guard let first else { return }
        let words = count == 1 ? "this member was not read" : "this member and \(count - 1) others were not read"
        inspection.add(
            .fileLimit, member: first.name, at: first.offset, detail: "limit \(first.limit.rawValue): \(words)")
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
