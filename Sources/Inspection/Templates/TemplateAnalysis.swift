import ModelFormats

/// Looks for attacks in a chat template.
///
/// Nothing is executed. The code is cut into tokens, and everything that chat templates do not commonly use is found:
/// what attacks on Jinja are made of blocks, what is merely unusual is for a person to read.
enum TemplateAnalysis {
    /// Of each rule, in one template.
    private static let perRuleMax = 8

    static func findings(_ template: [UInt8]) -> [TemplateFinding] {
        let result = JinjaLexer.lex(template)
        let scope = TemplateScope(result.blocks)
        var collector = Collector(perRuleMax: perRuleMax)
        var loops = TemplateLoops()
        for block in result.blocks {
            var walker = TemplateBlockWalker(block: block, scope: scope)
            walker.walk()
            collector.add(walker.found, block)
            if let cost = loops.enter(block) { collector.add([(.templateExpensive, cost)], block) }
        }
        if let (defect, offset) = result.defect {
            collector.add(TemplateFinding(rule: .templateMalformed, offset: offset, detail: defect.rawValue))
        }
        return collector.kept
    }

    private struct Collector {
        let perRuleMax: Int
        private(set) var kept: [TemplateFinding] = []
        private var seen: Set<TemplateFinding> = []
        private var counts: [RuleID: Int] = [:]

        init(perRuleMax: Int) {
            self.perRuleMax = perRuleMax
        }

        mutating func add(_ found: [(RuleID, String)], _ block: JinjaBlock) {
            for (rule, detail) in found {
                add(TemplateFinding(rule: rule, offset: block.offset, detail: detail))
            }
        }

        mutating func add(_ finding: TemplateFinding) {
            guard counts[finding.rule, default: 0] < perRuleMax, seen.insert(finding).inserted else { return }
            counts[finding.rule, default: 0] += 1
            kept.append(finding)
        }
    }
}

/// Loops over literal ranges, and how often the innermost body runs.
struct TemplateLoops {
    static let iterationsMax = 100_000

    /// For each open loop, how often its body runs in all.
    private var open: [Int] = []

    /// - Returns: what is too expensive about the loop that `block` opens.
    mutating func enter(_ block: JinjaBlock) -> String? {
        switch block.tokens.first?.name {
        case "for":
            let (total, overflow) = (open.last ?? 1).multipliedReportingOverflow(by: Self.iterations(block.tokens))
            open.append(overflow ? Int.max : total)
            return overflow || total > Self.iterationsMax ? "a loop runs more than \(Self.iterationsMax) times" : nil
        case "endfor":
            _ = open.popLast()
            return nil
        default:
            return nil
        }
    }

    /// The largest literal among the arguments of `range`, 1 for loops over anything else.
    private static func iterations(_ tokens: [JinjaToken]) -> Int {
        guard let call = tokens.firstIndex(of: .name("range")) else { return 1 }
        var most = 1
        for token in tokens[call...] {
            if case .integer(let digits) = token { most = max(most, TemplateNumber.value(digits)) }
        }
        return most
    }
}

enum TemplateNumber {
    /// The value of an integer as templates write it: `1_000`, `0x10`. The largest there is if it does not fit.
    static func value(_ text: String) -> Int {
        let digits = text.filter { $0 != "_" }
        if digits.hasPrefix("0x") || digits.hasPrefix("0X") { return Int(digits.dropFirst(2), radix: 16) ?? Int.max }
        if digits.hasPrefix("0o") || digits.hasPrefix("0O") { return Int(digits.dropFirst(2), radix: 8) ?? Int.max }
        if digits.hasPrefix("0b") || digits.hasPrefix("0B") { return Int(digits.dropFirst(2), radix: 2) ?? Int.max }
        return Int(digits) ?? Int.max
    }
}
