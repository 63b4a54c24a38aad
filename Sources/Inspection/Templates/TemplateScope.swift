import ModelFormats

/// The names that a template defines itself, anywhere in it.
struct TemplateScope {
    private(set) var names: Set<String> = []
    /// Names of macros, which the template may call.
    private(set) var macros: Set<String> = []
    /// Names of texts that the template joins.
    let built: Set<String>

    init(_ blocks: [JinjaBlock]) {
        built = TemplateBuiltNames(blocks).names
        for block in blocks where block.kind == .statement {
            bind(block.tokens)
        }
    }

    private mutating func bind(_ tokens: [JinjaToken]) {
        switch tokens.first?.name {
        case "set", "with": bindTargets(tokens.dropFirst().prefix { $0 != .op(.assign) })
        case "for": bindTargets(tokens.dropFirst().prefix { $0 != .name("in") })
        case "macro":
            if let name = tokens.dropFirst().first?.name {
                macros.insert(name)
                names.insert(name)
            }
            bindTargets(tokens.dropFirst(2))
        case "call": bindTargets(tokens.dropFirst().prefix { $0 != .op(.closeParenthesis) })
        default: break
        }
    }

    private mutating func bindTargets(_ tokens: some Sequence<JinjaToken>) {
        for token in tokens {
            if let name = token.name { names.insert(name) }
        }
    }
}
