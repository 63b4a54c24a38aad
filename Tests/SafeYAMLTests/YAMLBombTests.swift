import SafeYAML
import StrictJSON
import Testing

private let large = YAMLLimits(bytesMax: 1 << 26, depthMax: .max, nodesMax: 1 << 26, scalarBytesMax: 1 << 20)

private func repeated(_ text: String, _ count: Int) -> [UInt8] {
    Array(repeatElement(Array(text.utf8), count: count).joined())
}

private func reason(_ bytes: [UInt8], _ limits: YAMLLimits = large) -> YAMLFault.Reason? {
    do {
        _ = try SafeYAML.parse(bytes, limits: limits)
        return nil
    } catch {
        return error.reason
    }
}

@Suite("YAML bombs")
struct YAMLBombTests {
    @Test("Nesting is cut off at its limit", arguments: ["[", "{a: ", "- ", "? ", "[{a: ", "- ? ", "[a, "])
    func depth(_ opening: String) {
        #expect(reason(repeated(opening, 1_000_000)) == (opening.contains("?") ? .keyIsNoString : .tooDeep))
    }

    @Test("Nesting by indentation is cut off at its limit")
    func indentation() {
        let lines = (0..<500).flatMap { repeated(" ", $0) + Array("a:\n".utf8) }
        #expect(reason(lines) == .tooDeep)
    }

    @Test("A document may be nested as deeply as its limit says, and no deeper", arguments: [1, 64])
    func depthBoundary(_ depth: Int) {
        var limits = large
        limits.depthMax = depth
        let allowed = repeated("[", depth) + repeated("]", depth)
        #expect(reason(allowed, limits) == nil)
        #expect(reason([UInt8(ascii: "[")] + allowed + [UInt8(ascii: "]")], limits) == .tooDeep)
    }

    @Test("Values, bytes, scalars and digits have limits, and exactly these")
    func limits() {
        let limits = YAMLLimits(bytesMax: 200, nodesMax: 4, scalarBytesMax: 150)
        #expect(reason(Array("[1, 2, 3]".utf8), limits) == nil)
        #expect(reason(Array("[1, 2, 3, 4]".utf8), limits) == .tooManyValues)
        #expect(reason(repeated(" ", 200), limits) == nil)
        #expect(reason(repeated(" ", 201), limits) == .documentTooLarge)
        #expect(reason(repeated("a", 150), limits) == nil)
        #expect(reason(repeated("a", 151), limits) == .scalarTooLong)
        #expect(reason(repeated("a", 151) + Array(": b".utf8), limits) == .scalarTooLong)
        #expect(reason(repeated("1", 128), limits) == nil)
        #expect(reason(repeated("1", 129), limits) == .numberTooLong)
    }

    @Test("A bomb of aliases is refused at its first anchor")
    func aliases() {
        let bomb = """
            a: &a [x, x, x, x, x, x, x, x, x]
            b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]
            c: [*b, *b, *b, *b, *b, *b, *b, *b, *b]
            """
        #expect(reason(Array(bomb.utf8)) == .anchor)
    }

    @Test("A hundred thousand keys take time that is linear in their number")
    func manyKeys() {
        let document = (0..<100_000).flatMap { Array("k\($0): \($0)\n".utf8) }
        #expect(reason(document) == nil)
        #expect(reason(document + Array("k7: 0".utf8)) == .duplicateKey("k7"))
    }
}
