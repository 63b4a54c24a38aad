import ModelFormats

extension FileInspection {
    private static let workPerTemplateByte: UInt64 = 150

    /// Analyses a chat template.
    ///
    /// - Parameter start: where the template begins in the file, if it stands there as it is.
    mutating func inspectTemplate(_ template: [UInt8], member: String?, start: UInt64?) {
        guard template.count <= limits.templateBytesMax else {
            findings.add(.templateUnread, .init(member: member, offset: start), detail: "\(template.count) bytes")
            return
        }
        guard pay(work: UInt64(template.count) * Self.workPerTemplateByte) else { return }
        for found in TemplateAnalysis.findings(template) {
            let offset = start.map { $0 + UInt64(found.offset) }
            findings.add(found.rule, .init(member: member, offset: offset), detail: found.detail)
        }
    }

    mutating func inspectTemplates(_ templates: [GGUFTemplate]) {
        for template in templates {
            guard let bytes = template.bytes else {
                findings.add(
                    .templateUnread, .init(member: template.key, offset: template.offset),
                    detail: "\(template.sizeBytes) bytes")
                continue
            }
            inspectTemplate(bytes, member: template.key, start: nil)
        }
    }
}
