import StrictJSON
import Testing

private let limits = JSONLimits.requestBody

/// Deals out a document in chunks.
private final class ChunkSource {
    private var rest: ArraySlice<UInt8>
    private let size: Int

    init(_ bytes: [UInt8], size: Int) {
        rest = bytes[...]
        self.size = size
    }

    func next() -> [UInt8] {
        defer { rest = rest.dropFirst(size) }
        return Array(rest.prefix(size))
    }
}

private func outcome(_ bytes: [UInt8], chunk: Int) -> JSONFault? {
    let source = ChunkSource(bytes, size: chunk)
    do {
        try StrictJSON.validate(limits: limits) { () throws(JSONFault) in source.next() }
        return nil
    } catch {
        return error
    }
}

private func wholeOutcome(_ bytes: [UInt8]) -> JSONFault? {
    do {
        _ = try StrictJSON.parse(bytes, limits: limits)
        return nil
    } catch {
        return error
    }
}

/// What `next` says when plain elements are moved past wherever that is possible.
private func skippingOutcome(_ bytes: [UInt8], chunk: Int, withStrings: Bool) -> JSONFault? {
    let source = ChunkSource(bytes, size: chunk)
    var scanner = JSONScanner(limits: limits) { () throws(JSONFault) in source.next() }
    do throws(JSONFault) {
        while try scanner.next() != nil { scanner.skipPlainElements(withStrings: withStrings) }
        return nil
    } catch {
        return error
    }
}

@Suite("JSON scanner")
struct JSONScannerTests {
    private static let document =
        #" {"a\u00e9\ud83d\ude00": [1, -2.5e+10, true, false, null, "x\"y", {}, []], "€": {"b": "c"}} "#

    @Test("A document reads the same however it is cut", arguments: [1, 2, 3, 5, 7, 1000])
    func chunks(_ size: Int) throws {
        let bytes = Array(Self.document.utf8)
        var whole = JSONScanner(bytes, limits: limits)
        let source = ChunkSource(bytes, size: size)
        var cut = JSONScanner(limits: limits) { () throws(JSONFault) in source.next() }
        while let event = try whole.next() {
            #expect(try cut.next() == event)
        }
        #expect(try cut.next() == nil)
    }

    @Test("Every prefix of a document is refused for ending early, however it is cut")
    func prefixes() {
        let bytes = Array(Self.document.utf8)
        let end = bytes.count - 1
        for count in 0..<end {
            #expect(wholeOutcome(Array(bytes.prefix(count)))?.reason == .unexpectedEnd)
            #expect(outcome(Array(bytes.prefix(count)), chunk: 3)?.reason == .unexpectedEnd)
        }
        #expect(wholeOutcome(Array(bytes.prefix(end))) == nil)
    }

    @Test("Whatever byte is changed, cutting the document changes neither verdict nor place")
    func mutations() {
        let bytes = Array(Self.document.utf8)
        for position in bytes.indices {
            for byte: UInt8 in [
                0x00, 0x20, 0x22, 0x2C, 0x2D, 0x30, 0x5C, 0x5B, 0x5D, 0x7B, 0x7D, 0x3A, 0x65, 0x80, 0xC3, 0xFF,
            ] {
                var changed = bytes
                changed[position] = byte
                let expected = wholeOutcome(changed)
                #expect(outcome(changed, chunk: 1) == expected)
                #expect(outcome(changed, chunk: 4) == expected)
            }
        }
    }

    @Test("A source that cannot deliver is never taken for one that ends")
    func failingSource() {
        var chunks: [[UInt8]] = [Array("[1]".utf8), Array(" ".utf8)].reversed()
        #expect(throws: JSONFault(.sourceFailed, offset: 4)) {
            try StrictJSON.validate(limits: limits) { () throws(JSONFault) in
                guard let chunk = chunks.popLast() else { throw JSONFault(.sourceFailed, offset: 4) }
                return chunk
            }
        }
    }

    @Test("The limit on bytes counts all chunks together")
    func bytesMax() {
        let limits = JSONLimits(bytesMax: 10, nodesMax: 10, stringBytesMax: 100)
        func validate(_ count: Int) throws(JSONFault) {
            let source = ChunkSource(Array(repeating: UInt8(ascii: "1"), count: count), size: 3)
            try StrictJSON.validate(limits: limits) { () throws(JSONFault) in source.next() }
        }
        #expect(throws: Never.self) { try validate(10) }
        #expect(throws: JSONFault(.documentTooLarge, offset: 10)) { try validate(11) }
    }

    @Test("The scanner tells how deep it stands")
    func depth() throws {
        var scanner = JSONScanner(Array("[{\"a\":[]}]".utf8), limits: limits)
        var depths: [Int] = []
        while try scanner.next() != nil {
            depths.append(scanner.depth)
        }
        #expect(depths == [1, 2, 2, 3, 2, 1, 0])
    }

    @Test("Moving past plain elements changes neither verdict nor place", arguments: [1, 3, 1000])
    func skippedElements(_ size: Int) {
        let document = Array(
            #"[0, [1,-2.5e+10 , true,false ,null,"x","\u00e9","é","{{", {}, [],[ ], {"a":[1,"b"]}], "c" ,3]"#.utf8)
        #expect(skippingOutcome(document, chunk: size, withStrings: true) == nil)
        for index in document.indices {
            for byte in Array(#"0,"]}{x\ é"#.utf8) + [0x1F, 0xFF] {
                var changed = document
                changed[index] = byte
                let expected = outcome(changed, chunk: size)
                #expect(skippingOutcome(changed, chunk: size, withStrings: true) == expected)
                #expect(skippingOutcome(changed, chunk: size, withStrings: false) == expected)
            }
        }
    }

    @Test("Of an array what says something by itself is left, and nothing outside of arrays is moved past")
    func plainElements() throws {
        let text = #"{"a":1,"b":[1,2,"x",{},[],"{","é",{"c":null}]}"#
        func events(withStrings: Bool) throws -> [JSONEvent] {
            var scanner = JSONScanner(Array(text.utf8), limits: limits)
            var events: [JSONEvent] = []
            while let event = try scanner.next() {
                events.append(event)
                scanner.skipPlainElements(withStrings: withStrings)
            }
            return events
        }
        let rest: [JSONEvent] = [
            .string("{"), .string("é"), .beginObject, .name("c"), .null, .endObject, .endArray, .endObject,
        ]
        let start: [JSONEvent] = [
            .beginObject, .name("a"), .number(JSONNumber(1)), .name("b"), .beginArray, .number(JSONNumber(1)),
        ]
        #expect(try events(withStrings: true) == start + rest)
        #expect(try events(withStrings: false) == start + [.string("x")] + rest)
    }

    @Test("Plain elements have the limits of numbers, texts and depth")
    func limitsOfPlainElements() {
        var few = JSONLimits(bytesMax: 1000, depthMax: 2, nodesMax: 10, stringBytesMax: 3, numberBytesMax: 3)
        few.openNamesMax = 2
        for (text, reason) in [
            ("[1,1234]", JSONFault.Reason.numberTooLong), (#"[1,"abcd"]"#, .stringTooLong), ("[[1,[]]]", .tooDeep),
        ] {
            var scanner = JSONScanner(Array(text.utf8), limits: few)
            let fault = #expect(throws: JSONFault.self) {
                while try scanner.next() != nil { scanner.skipPlainElements(withStrings: true) }
            }
            #expect(fault?.reason == reason)
        }
    }
}
