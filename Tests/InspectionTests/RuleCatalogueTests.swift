import Inspection
import Testing

@Suite("Rules")
struct RuleCatalogueTests {
    @Test("Every rule has words for a person to read", arguments: RuleID.allCases)
    func words(id: RuleID) {
        let rule = RuleCatalogue.rule(id)
        #expect(rule.id == id)
        #expect(!rule.meaning.isEmpty)
        #expect(!rule.remedy.isEmpty)
        #expect(rule.title != id.rawValue)
    }

    @Test("Identifiers are an area and a name in small letters")
    func identifiers() {
        for id in RuleID.allCases {
            let parts = id.rawValue.split(separator: ".", omittingEmptySubsequences: false)
            #expect(parts.count == 2)
            #expect(
                id.rawValue.utf8.allSatisfy {
                    (0x61...0x7A).contains($0) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x2E
                })
        }
    }

    @Test("Nothing is as bad as block, and undecided is never as good as review")
    func order() {
        #expect(Verdict.allCases.sorted() == [.clean, .review, .undecided, .block])
        #expect(Verdict.worst(of: [.review, .block, .clean]) == .block)
        #expect(Verdict.worst(of: [] as [Verdict]) == .clean)
    }

    @Test("The digest of the rules is a SHA-256 and does not change between calls")
    func digest() {
        #expect(InspectionRules.digest.utf8.count == 64)
        #expect(InspectionRules.digest == InspectionRules.digest)
    }
}
