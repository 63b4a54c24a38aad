import RegistryClient
import Testing

@Suite("Event stream parser")
struct EventStreamParserTests {
    static let stream =
        "event: a\ndata: 1\n\n: comment\r\ndata:2\r\ndata: 3\r\n\r\nid: 7\revent: b\rdata\r\rdata: lost"
    static let bytesMax = 1_000
    static let events = [
        StreamedEvent(name: "a", data: Array("1".utf8)), StreamedEvent(name: "message", data: Array("2\n3".utf8)),
        StreamedEvent(name: "b", data: []),
    ]

    @Test("Events come out whatever the line ends are, and however the stream is cut", arguments: 1...20)
    func pieces(length: Int) throws {
        var parser = EventStreamParser()
        let bytes = Array(Self.stream.utf8)
        var events: [StreamedEvent] = []
        for start in stride(from: 0, to: bytes.count, by: length) {
            events += try parser.receive(Array(bytes[start..<min(start + length, bytes.count)]))
        }
        #expect(events == Self.events)
    }

    @Test("An event without data is none")
    func noData() throws {
        var parser = EventStreamParser()
        #expect(try parser.receive(Array("event: a\n\n\n\n".utf8)).isEmpty)
    }

    @Test("A line without end is given up at the limit")
    func endlessLine() throws {
        var parser = EventStreamParser(bytesMax: Self.bytesMax)
        let piece = [UInt8](repeating: UInt8(ascii: "x"), count: Self.bytesMax / 2)
        _ = try parser.receive(piece)
        _ = try parser.receive(piece)
        #expect(throws: EventStreamFault.lineTooLong(bytesMax: Self.bytesMax)) { try parser.receive([0]) }
    }

    @Test("An event of many lines is given up at the limit")
    func endlessEvent() throws {
        var parser = EventStreamParser(bytesMax: Self.bytesMax)
        let line = Array("data:".utf8) + [UInt8](repeating: UInt8(ascii: "x"), count: Self.bytesMax / 2)
        _ = try parser.receive(line + [10])
        #expect(throws: EventStreamFault.eventTooLarge(bytesMax: Self.bytesMax)) {
            try parser.receive(line + [10])
        }
    }
}
