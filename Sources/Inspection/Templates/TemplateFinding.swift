/// Something found in a template, before it has a place in a file.
struct TemplateFinding: Hashable {
    let rule: RuleID
    /// Bytes from the start of the template to the block it was found in.
    let offset: Int
    let detail: String
}
