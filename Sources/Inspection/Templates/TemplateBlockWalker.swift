import ModelFormats

/// Goes through the tokens of one block and notes what is not usual in chat templates.
struct TemplateBlockWalker {
    private static let integerMax = 1_000_000
    private static let repetitionsMax = 10_000

    private let tokens: [JinjaToken]
    private let kind: JinjaBlock.Kind
    private let scope: TemplateScope
    private(set) var found: [(RuleID, String)] = []
    /// Where the last text that was worked out ends: what lies before has been looked at with it.
    private var constantEnd = 0

    init(block: JinjaBlock, scope: TemplateScope) {
        tokens = block.tokens
        kind = block.kind
        self.scope = scope
    }

    mutating func walk() {
        if kind == .statement {
            checkTag()
            checkDoubling()
        }
        for index in tokens.indices {
            switch tokens[index] {
            case .name(let name): check(name: name, at: index)
            case .string(let text, let spellsNames): check(string: text, spellsNames: spellsNames, at: index)
            case .integer(let text): check(integer: text, at: index)
            case .op(.power) where !isArgumentStart(index): add(.templateExpensive, "a power")
            case .op(.openBracket):
                checkConstant(at: index)
                checkIndex(at: index)
            case .op(.openParenthesis): checkConstant(at: index)
            case .float, .op: break
            }
        }
    }

    private mutating func add(_ rule: RuleID, _ detail: String) {
        found.append((rule, detail))
    }

    private func token(_ index: Int) -> JinjaToken? {
        tokens.indices.contains(index) ? tokens[index] : nil
    }

    private func isOp(_ index: Int, _ operators: JinjaToken.Operator...) -> Bool {
        guard case .op(let found)? = token(index) else { return false }
        return operators.contains(found)
    }

    private func isArgumentStart(_ index: Int) -> Bool { isOp(index - 1, .openParenthesis, .comma) }

    /// `{% set x = x ~ x %}` in a loop: each round doubles the text.
    private mutating func checkDoubling() {
        guard tokens.first == .name("set") else { return }
        for index in tokens.indices where isOp(index, .tilde, .add) {
            if let name = token(index - 1)?.name, token(index + 1)?.name != nil, isSame(name, around: index) {
                return add(.templateExpensive, "\(name) is doubled")
            }
        }
    }

    /// Whether what stands before the operator, a name and its attributes, also stands behind it.
    private func isSame(_ last: String, around index: Int) -> Bool {
        var count = 1
        while isOp(index - count - 1, .dot), token(index - count - 2)?.name != nil { count += 2 }
        guard index >= count, index + count < tokens.count else { return false }
        return tokens[(index - count)..<index] == tokens[(index + 1)...(index + count)]
    }

    private mutating func checkTag() {
        guard let tag = tokens.first?.name else {
            add(.templateUnknownTag, "a statement without a tag")
            return
        }
        if TemplateVocabulary.importTags.contains(tag) {
            add(.templateImport, tag)
        } else if !TemplateVocabulary.tags.contains(tag) {
            add(.templateUnknownTag, tag)
        } else if tag == "filter", let name = token(1)?.name {
            checkFilter(name, at: 1)
        }
    }

    private mutating func check(name: String, at index: Int) {
        if !name.utf8.allSatisfy({ $0 < 0x80 }) { add(.templateUnusualName, name) }
        if name.hasPrefix("__") {
            add(.templateDunder, name)
        } else if name.hasSuffix("__") {
            add(.templateStringBuilding, name)
        } else if isOp(index - 1, .dot) {
            check(attribute: name, at: index)
        } else if isOp(index - 1, .pipe) {
            checkFilter(name, at: index)
        } else if token(index - 1) == .name("is") || isNegatedTest(index) {
            if name != "not", !TemplateVocabulary.tests.contains(name) { add(.templateUnknownFilter, "test \(name)") }
        } else if isOp(index + 1, .assign), isArgumentStart(index) {
            check(keyword: name, at: index)
        } else if kind == .expression || index > 0 {
            check(variable: name, at: index)
        }
    }

    private func isNegatedTest(_ index: Int) -> Bool {
        token(index - 1) == .name("not") && token(index - 2) == .name("is")
    }

    private mutating func check(attribute: String, at index: Int) {
        let isCalled = isOp(index + 1, .openParenthesis)
        if attribute.hasPrefix("_") {
            add(.templateUnsafeAttribute, attribute)
        } else if TemplateVocabulary.unsafeAttributes.contains(attribute),
            isCalled || !TemplateVocabulary.unsafeOnlyIfCalled.contains(attribute)
        {
            add(.templateUnsafeAttribute, attribute)
        } else if isCalled, !TemplateVocabulary.methods.contains(attribute), !scope.macros.contains(attribute) {
            add(.templateUnknownCall, "\(attribute)()")
        } else if isCalled, attribute == "format" {
            checkFormat(receiver: index - 2)
        }
    }

    /// `'{0.x}'.format(…)` reads attributes, and the text may be computed.
    private mutating func checkFormat(receiver: Int) {
        guard let text = token(receiver)?.text else {
            add(.templateStringBuilding, "format of a computed text")
            return
        }
        var isInField = false
        for character in text {
            if character == "{" { isInField = true }
            if character == "}" { isInField = false }
            if isInField, character == "." || character == "[" || character == ":" {
                add(.templateStringBuilding, "format of \(text)")
                return
            }
        }
    }

    /// `dict(__class=…)|join` makes a text of a keyword.
    private mutating func check(keyword: String, at index: Int) {
        if keyword.hasPrefix("_") {
            add(.templateStringBuilding, "keyword \(keyword)")
        } else if keyword == "attribute", token(index + 2)?.text == nil {
            add(.templateAttributeFilter, "attribute=")
        }
    }

    private mutating func check(variable: String, at index: Int) {
        if TemplateVocabulary.keywords.contains(variable) { return }
        let isCalled = isOp(index + 1, .openParenthesis)
        if TemplateVocabulary.unsafeNames.contains(variable) {
            add(.templateUnsafeName, variable)
        } else if TemplateVocabulary.unsafeUnlessBound.contains(variable), !scope.names.contains(variable) {
            add(.templateUnsafeName, variable)
        } else if variable == "namespace", !isCalled, !scope.names.contains(variable) {
            add(.templateUnsafeName, variable)
        } else if TemplateVocabulary.onlyCalled.contains(variable), !scope.names.contains(variable),
            isOp(index + 1, .openBracket, .dot, .pipe, .tilde)
        {
            add(.templateUnsafeName, variable)
        } else if isCalled, !TemplateVocabulary.functions.contains(variable), !scope.names.contains(variable) {
            add(.templateUnknownCall, "\(variable)()")
        }
    }

    private mutating func checkFilter(_ name: String, at index: Int) {
        guard TemplateVocabulary.filters.contains(name) else {
            let rule: RuleID = name == "attr" ? .templateAttributeFilter : .templateUnknownFilter
            add(rule, "filter \(name)")
            return
        }
        let isApplied = isOp(index + 1, .openParenthesis)
        if name == "string", isFollowed(byFilter: "list", behind: index) { add(.templateStringBuilding, "string|list") }
        if ["join", "first", "last", "list"].contains(name), isOp(index - 2, .closeParenthesis),
            tokens.contains(.name("dict"))
        {
            add(.templateStringBuilding, "a text of the names in dict()")
        }
        guard isApplied, TemplateVocabulary.attributeFilters.contains(name), let first = token(index + 2) else {
            return
        }
        switch (name, first) {
        case (_, .name) where isOp(index + 3, .assign): break
        case ("map", .string(let filter, _)):
            if !TemplateVocabulary.filters.contains(filter) {
                add(filter == "attr" ? .templateAttributeFilter : .templateUnknownFilter, "map('\(filter)')")
            }
        case ("map", _), ("selectattr", .name), ("rejectattr", .name), ("groupby", .name):
            if first != .op(.closeParenthesis) { add(.templateAttributeFilter, "\(name) with a computed name") }
        default: break
        }
    }

    /// Whether the filter at `index` is followed by another one, with or without parentheses of its own.
    private func isFollowed(byFilter name: String, behind index: Int) -> Bool {
        let next = isOp(index + 1, .openParenthesis) && isOp(index + 2, .closeParenthesis) ? index + 3 : index + 1
        return isOp(next, .pipe) && token(next + 1) == .name(name)
    }

    private mutating func check(string text: String, spellsNames: Bool, at index: Int) {
        if spellsNames { add(.templateEscapedName, text) }
        if text.contains("%c") { add(.templateStringBuilding, "%c") }
        if text.utf8.count >= 2, text.utf8.allSatisfy({ $0 == UInt8(ascii: "_") }), tokens.count > 1,
            !isArgumentOfSplit(index)
        {
            add(.templateStringBuilding, "a text of underscores")
        }
        if text == "_", isBuildingBlock(index) { add(.templateStringBuilding, "a single underscore") }
        // An attribute by its name, in brackets or as a filter's argument.
        let isSubscripted = isOp(index + 1, .closeBracket) && isOp(index - 1, .openBracket) && isSubscript(index - 1)
        if text.hasPrefix("__"), isSubscripted || isNameArgument(index) {
            add(.templateDunder, text)
        } else if text.hasPrefix("_"), isNameArgument(index) {
            add(.templateUnsafeAttribute, text)
        } else if let dunder = DunderScanner.first(in: Array(text.utf8)) {
            add(.templateDunder, dunder)
        } else if let reason = TemplatePieces.reason(text) {
            add(.templateStringBuilding, reason)
        }
        checkUse(of: text, at: index)
        checkConstant(at: index)
    }

    /// A text that is taken apart, or put together with others.
    private mutating func checkUse(of text: String, at index: Int) {
        if isOp(index + 1, .openBracket) { add(.templateStringBuilding, "a part of \(text)") }
        if isOp(index + 1, .modulo), text.contains("%"), text.contains("_") {
            add(.templateStringBuilding, "\(text) %")
        }
        // `'class'.center(9, '_')`
        if text == "_", isOp(index - 1, .comma), isOp(index - 3, .openParenthesis), let name = token(index - 4)?.name,
            name == "center" || name == "ljust" || name == "rjust"
        {
            add(.templateStringBuilding, "filling up with underscores")
        }
    }

    private func isArgumentOfSplit(_ index: Int) -> Bool {
        guard isOp(index - 1, .openParenthesis), let name = token(index - 2)?.name else { return false }
        return name == "split" || name == "rsplit" || name == "startswith" || name == "endswith"
    }

    /// A lone underscore that is kept in a variable, repeated or put into a list.
    private func isBuildingBlock(_ index: Int) -> Bool {
        if isOp(index + 1, .multiply) || isOp(index - 1, .multiply) { return true }
        if isOp(index - 1, .assign), tokens.first == .name("set"), index == tokens.count - 1 { return true }
        return isOp(index - 1, .openBracket) && !isSubscript(index - 1)
    }

    /// Whether the bracket at `index` follows a value.
    private func isSubscript(_ index: Int) -> Bool {
        switch token(index - 1) {
        case .name(let name)?: !TemplateVocabulary.keywords.contains(name)
        case .string?, .op(.closeBracket)?, .op(.closeParenthesis)?, .op(.closeBrace)?: true
        default: false
        }
    }

    /// Whether the text is what a filter takes for the name of an attribute.
    private func isNameArgument(_ index: Int) -> Bool {
        if isOp(index - 1, .assign) { return token(index - 2) == .name("attribute") }
        guard isOp(index - 1, .openParenthesis), let filter = token(index - 2)?.name else { return false }
        return isOp(index - 3, .pipe) && (filter == "attr" || TemplateVocabulary.attributeFilters.contains(filter))
            && filter != "join"
    }

    private mutating func checkConstant(at index: Int) {
        guard index >= constantEnd, let (text, end) = TemplateConstant.text(tokens, at: index), end > index + 1 else {
            return
        }
        constantEnd = end
        if let dunder = DunderScanner.first(in: text) {
            add(.templateDunder, dunder)
        } else if end > index + 3 || !isOp(index, .openParenthesis), let reason = TemplatePieces.reason(ofBuilt: text) {
            add(.templateStringBuilding, reason)
        } else if text.count >= TemplateConstant.bytesMax {
            add(.templateStringBuilding, "a text too long to be worked out")
        }
    }

    /// Indexes that count are as short as this; going through longer ones each within the other takes long.
    private static let indexTokensMax = 64

    /// `x[a ~ b]`, and `x[c]` where `c` was joined before.
    private mutating func checkIndex(at index: Int) {
        guard isSubscript(index) else { return }
        let inside = TemplateBuiltNames.group(tokens, at: index, countMax: Self.indexTokensMax)
        // A slice reads no attribute.
        guard !inside.contains(.op(.colon)), TemplateBuilding.builds(inside, scope.built) else { return }
        add(.templateComputedIndex, "an index that is joined from pieces")
    }

    /// The product that begins at `index`; `nil` if one does not begin there.
    private func product(at index: Int) -> Int? {
        var product = 1
        var place = index
        while case .integer(let digits)? = token(place) {
            let (next, overflow) = product.multipliedReportingOverflow(by: TemplateNumber.value(digits))
            product = overflow ? Int.max : next
            guard isOp(place + 1, .multiply) else { break }
            place += 2
        }
        return place > index ? product : nil
    }

    private mutating func check(integer text: String, at index: Int) {
        let value = TemplateNumber.value(text)
        let isFirst = !isOp(index - 1, .multiply) || token(index - 2).map { !$0.isInteger } ?? true
        if isFirst, let product = product(at: index), product > Self.integerMax {
            return add(.templateExpensive, "the number \(product)")
        }
        let isRepeated = isOp(index - 1, .multiply) || isOp(index + 1, .multiply)
        if value > Self.integerMax || (isRepeated && value > Self.repetitionsMax) {
            add(.templateExpensive, "the number \(text)")
        }
    }
}
