import StrictJSON
import Testing

private let limits = JSONLimits.requestBody

private func repeated(_ text: String, _ count: Int) -> [UInt8] {
    Array(repeatElement(Array(text.utf8), count: count).joined())
}

private func reason(_ bytes: [UInt8], _ limits: JSONLimits) -> JSONFault.Reason? {
    do {
        _ = try StrictJSON.parse(bytes, limits: limits)
        return nil
    } catch {
        return error.reason
    }
}

@Suite("JSON bombs")
struct JSONBombTests {
    @Test("Nesting is cut off at its limit", arguments: ["[", "{\"a\":", "[{\"a\":", "[[],"])
    func depth(_ opening: String) {
        let large = JSONLimits(bytesMax: 1 << 24, nodesMax: 1 << 24, stringBytesMax: 10)
        #expect(reason(repeated(opening, 1_000_000), large) == .tooDeep)
    }

    @Test("A document may be nested as deeply as its limit says, and no deeper", arguments: [1, 64, 512])
    func depthBoundary(_ depth: Int) throws {
        let limits = JSONLimits(bytesMax: 1 << 16, depthMax: depth, nodesMax: 1000, stringBytesMax: 10)
        let allowed = repeated("[", depth) + repeated("]", depth)
        let value = try StrictJSON.parse(allowed, limits: limits)
        #expect(value.encoded() == allowed)
        #expect(reason([UInt8(ascii: "[")] + allowed, limits) == .tooDeep)
    }

    @Test("No caller can ask for more nesting than the stack bears")
    func depthCeiling() {
        let limits = JSONLimits(bytesMax: 1 << 24, depthMax: .max, nodesMax: 1 << 24, stringBytesMax: 10)
        #expect(limits.depthMax == JSONLimits.depthCeiling)
        #expect(reason(repeated("[", 1_000_000), limits) == .tooDeep)
    }

    @Test("Values are counted, wherever they stand")
    func values() {
        let limits = JSONLimits(bytesMax: 1 << 24, nodesMax: 1000, stringBytesMax: 10)
        #expect(reason([UInt8(ascii: "[")] + repeated("0,", 1_000_000), limits) == .tooManyValues)
        #expect(reason([UInt8(ascii: "[")] + repeated("[],", 1_000_000), limits) == .tooManyValues)
        #expect(reason([UInt8(ascii: "[")] + repeated("{},", 998) + repeated("{}]", 1), limits) == nil)
        #expect(reason([UInt8(ascii: "[")] + repeated("{},", 999) + repeated("{}]", 1), limits) == .tooManyValues)
    }

    @Test("A million members are refused before they are remembered")
    func names() {
        let document = Array("{".utf8) + (0..<1_000_000).flatMap { Array("\"\($0)\":0,".utf8) }
        let few = JSONLimits(bytesMax: 1 << 24, nodesMax: 1 << 24, stringBytesMax: 10, openNamesMax: 100)
        #expect(reason(document, few) == .tooManyNames)
        #expect(reason(document, limits) == .documentTooLarge)
    }

    @Test("Names are only counted while their object is open")
    func closedNames() {
        let limits = JSONLimits(bytesMax: 1 << 20, nodesMax: 1 << 20, stringBytesMax: 10, openNamesMax: 3)
        #expect(
            reason(Array("[".utf8) + repeated("{\"a\":{\"a\":0},\"b\":0},", 1000) + Array("0]".utf8), limits) == nil)
        #expect(reason(Array("{\"a\":{\"a\":{\"a\":{\"a\":0}}}}".utf8), limits) == .tooManyNames)
    }

    @Test("Strings and numbers have limits, and exactly these")
    func tokens() {
        let limits = JSONLimits(bytesMax: 1 << 24, nodesMax: 10, stringBytesMax: 8, numberBytesMax: 4)
        #expect(reason(Array("\"12345678\"".utf8), limits) == nil)
        #expect(reason(Array("\"123456789\"".utf8), limits) == .stringTooLong)
        #expect(reason(Array("\"\\u20ac\\u20ac12\"".utf8), limits) == nil)
        #expect(reason(Array("\"\\u20ac\\u20ac123\"".utf8), limits) == .stringTooLong)
        #expect(reason(Array("\"1234567\\n8\"".utf8), limits) == .stringTooLong)
        #expect(reason(Array("{\"123456789\":0}".utf8), limits) == .stringTooLong)
        #expect(reason(Array("-1.5".utf8), limits) == nil)
        #expect(reason(Array("-1.25".utf8), limits) == .numberTooLong)
        #expect(reason(repeated("1", 1_000_000), limits) == .numberTooLong)
        #expect(reason(Array("1e".utf8) + repeated("0", 1_000_000), limits) == .numberTooLong)
        #expect(reason(Array("\"".utf8) + repeated("\\n", 1_000_000), limits) == .stringTooLong)
    }

    @Test("Names that read alike to people and differ in bytes take linear time")
    func canonicallyEquivalentNames() {
        // Marks of one combining class keep their order, marks of different classes do not: these names are all equal
        // to Swift's `==` and have the same hash.
        let marks: [Character] = ["\u{316}", "\u{327}", "\u{345}", "\u{301}", "\u{334}", "\u{31B}", "\u{323}"]
        var names: [[UInt8]] = [[]]
        for mark in marks {
            let bytes = Array(String(mark).utf8)
            names = names.flatMap { name in
                stride(from: 0, through: name.count, by: 2).map { name[..<$0] + bytes + name[$0...] }
            }
        }
        #expect(names.count == 5040)
        let document =
            Array("{".utf8) + names.map { Array("\"a".utf8) + $0 + Array("\":0".utf8) }.joined(separator: [0x2C]) + [
                0x7D
            ]
        #expect(reason(document, limits) == nil)
    }
}
