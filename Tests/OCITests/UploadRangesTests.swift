import OCI
import Testing

@Suite("Ranges of an upload")
struct UploadRangesTests {
    private func ranges(_ text: String) throws -> UploadRanges {
        try #require(UploadRanges(parsing: text, countMax: 100))
    }

    @Test(
        "Text comes back as it was",
        arguments: ["", "0-0", "0-9", "5-5", "0-9,11-20", "3-4,6-7,100-18446744073709551614"])
    func text(text: String) throws {
        #expect(try ranges(text).description == text)
    }

    @Test(
        "What no registry writes is refused",
        arguments: [
            ",", "0-9,", ",0-9", "9-0", "0-9,9-12", "0-9,10-12", "5-6,0-1", "a-b", "-", "0-", "-9", "0-9-10", "+0-9",
            "0- 9",
            "0-18446744073709551615", "0-18446744073709551616", "0-9;11-12", "٠-٩",
        ])
    func malformed(text: String) {
        #expect(UploadRanges(parsing: text, countMax: 100) == nil)
    }

    @Test("No more ranges are read than were allowed")
    func countMax() {
        #expect(UploadRanges(parsing: "0-0,2-2", countMax: 2) != nil)
        #expect(UploadRanges(parsing: "0-0,2-2,4-4", countMax: 2) == nil)
    }

    @Test(
        "Ranges that overlap or touch become one",
        arguments: [
            ("", 5..<10, "5-9"), ("5-9", 5..<10, "5-9"), ("5-9", 10..<12, "5-11"), ("5-9", 0..<5, "0-9"),
            ("5-9", 11..<12, "5-9,11-11"), ("5-9", 0..<4, "0-3,5-9"), ("5-9,20-29", 9..<21, "5-29"),
            ("5-9,20-29,40-49", 0..<100, "0-99"), ("5-9,20-29,40-49", 30..<40, "5-9,20-49"), ("5-9", 7..<7, "5-9"),
        ])
    func insertion(text: String, range: Range<UInt64>, expected: String) throws {
        var ranges = try ranges(text)
        ranges.insert(range)
        #expect(ranges.description == expected)
    }

    @Test("What is missing is what was not inserted, for every byte")
    func against() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            var ranges = UploadRanges()
            var there = Set<UInt64>()
            for _ in 0..<UInt64.random(in: 0..<8, using: &random) {
                let start = UInt64.random(in: 0..<60, using: &random)
                let range = start..<start + UInt64.random(in: 0..<10, using: &random)
                ranges.insert(range)
                there.formUnion(range)
            }
            #expect(ranges.byteCount == UInt64(there.count))
            #expect(UploadRanges(parsing: ranges.description, countMax: 100) == ranges)
            let start = UInt64.random(in: 0..<60, using: &random)
            let asked = start..<start + UInt64.random(in: 1..<20, using: &random)
            let missing = ranges.missing(in: asked)
            #expect(missing.flatMap { Array($0) } == asked.filter { !there.contains($0) })
            #expect(missing.allSatisfy { !$0.isEmpty })
            #expect(ranges.prefixBytes == (0..<80).first { !there.contains($0) })
        }
    }

    @Test("It is known where bytes make no further range")
    func ends() throws {
        let ranges = try ranges("5-9,20-29")
        #expect(ranges.ends(at: 10) && ranges.ends(at: 30))
        #expect(!ranges.ends(at: 5) && !ranges.ends(at: 9) && !ranges.ends(at: 0))
    }
}
