import Foundation
import RegistryCore
import Testing

@Suite("Reasons for refusing a summary")
struct SummaryReasonTests {
    @Test("The guide has every reason once, in order, and says which of them leave it open")
    func guide() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/guides/summaries.md")
        let section = try String(contentsOf: page, encoding: .utf8).split(separator: "## Why a summary is refused").last
        let rows = try #require(section).split(separator: "\n").compactMap { line in
            try /\| `([a-z_]+)` \| ([^|]+) \|/.wholeMatch(in: line).map { (String($0.output.1), String($0.output.2)) }
        }
        #expect(rows.map(\.0) == SummaryReason.allCases.map(\.rawValue))
        for (row, reason) in zip(rows, SummaryReason.allCases) {
            #expect(row.1.hasSuffix("could not be checked") == reason.isUndecided)
        }
    }
}
