import Logging
import RegistryCore
import RegistryServer
import StrictJSON
import Testing

@Suite("Lines of the server's log")
struct JSONLogHandlerTests {
    private static func handler() -> JSONLogHandler {
        JSONLogHandler(label: "pratique \"door\"", level: .info, now: { Timestamp(clamping: 1_795_000_000_123) })
    }

    private static func event(_ message: Logger.Message, _ metadata: Logger.Metadata? = nil) -> LogEvent {
        LogEvent(
            level: .warning, message: message, error: nil, metadata: metadata, source: "s", file: "f", function: "g",
            line: 1)
    }

    private static func object(_ line: [UInt8]) throws -> JSONObject {
        try #require(try StrictJSON.parse(line, limits: .requestBody).asObject)
    }

    @Test("A line is one object: time, level, logger and message, then the fields in their order")
    func order() {
        var handler = Self.handler()
        handler[metadataKey: "b"] = "always"
        let line = handler.line(Self.event("asked", ["c": "3", "a": "1"]))
        #expect(
            String(decoding: line, as: UTF8.self)
                == #"{"time":"\#(Timestamp(clamping: 1_795_000_000_123))","level":"warning","#
                + #""logger":"pratique \"door\"","message":"asked","a":"1","b":"always","c":"3"}"# + "\n")
    }

    @Test("What comes from outside can neither end a line nor add a member")
    func outside() throws {
        let text = "x\"\n{\u{0}\u{7f}\u{2028}},\"level\":\"info"
        let line = Self.handler().line(Self.event("\(text)", ["path": "\(text)", "\(text)": "1"]))
        #expect(line.filter { $0 == UInt8(ascii: "\n") }.count == 1)
        let object = try Self.object(line)
        #expect(object["message"] == .string(text))
        #expect(object["path"] == .string(text))
        #expect(object[text] == .string("1"))
        #expect(object["level"] == .string("warning"))
    }

    @Test("A field does not take the place of a member that every line has, and the event's own counts")
    func names() throws {
        var handler = Self.handler()
        handler[metadataKey: "step"] = "of the logger"
        handler[metadataKey: "hb.request.id"] = "1"
        let line = handler.line(Self.event("asked", ["level": "none", "step": "of the event"]))
        let object = try Self.object(line)
        #expect(object["level"] == .string("warning"))
        #expect(object["field.level"] == .string("none"))
        #expect(object["step"] == .string("of the event"))
        #expect(object["hb.request.id"] == nil)
    }
}
