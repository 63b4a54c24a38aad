import Foundation
import Sigstore
import Testing

@Suite("Reasons")
struct FailureReasonTests {
    @Test("The reference has every reason once, in order, and no other")
    func reference() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/reference/signatures.md")
        let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n").compactMap { line in
            try /\| `([a-z_]+)` \| [^|]+ \|/.wholeMatch(in: line).map { String($0.output.1) }
        }
        #expect(rows == FailureReason.allCases.map(\.rawValue))
    }
}
