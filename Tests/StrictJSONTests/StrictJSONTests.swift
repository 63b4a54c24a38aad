import StrictJSON
import Testing

private let limits = JSONLimits.requestBody

private func parse(_ text: String) throws(JSONFault) -> JSONValue {
    try StrictJSON.parse(Array(text.utf8), limits: limits)
}

@Suite("Strict JSON")
struct StrictJSONTests {
    @Test(
        "What RFC 8259 allows is read",
        arguments: [
            ("null", .null),
            (" \t\r\n true ", true),
            ("[]", []),
            ("{}", [:]),
            ("[1,-2, 3.50 ,4e-7,-0,0.0,1E+2]", .array(["1", "-2", "3.50", "4e-7", "-0", "0.0", "1E+2"].map(written))),
            (#"{"a":{"b":[null,false]},"":"x"}"#, ["a": ["b": [nil, false]], "": "x"]),
            (#""\"\\\/\b\f\n\r\t\u0041\u00e9\u20ac\ud83d\ude00\u0000""#, .string("\"\\/\u{8}\u{c}\n\r\tAé€😀\0")),
            ("\"\u{7f}é€😀\u{2028}\"", .string("\u{7f}é€😀\u{2028}")),
        ] as [(String, JSONValue)])
    func accepts(_ text: String, _ value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(
        "What RFC 8259 does not allow is refused, and the place is named",
        arguments: [
            ("", .unexpectedEnd, 0), ("  ", .unexpectedEnd, 2), ("[", .unexpectedEnd, 1), ("{\"a\"", .unexpectedEnd, 4),
            ("{\"a\":", .unexpectedEnd, 5), ("[1,", .unexpectedEnd, 3), ("\"abc", .unexpectedEnd, 4),
            ("-", .unexpectedEnd, 1),
            ("1.", .unexpectedEnd, 2), ("1e", .unexpectedEnd, 2), ("tru", .unexpectedEnd, 3),
            ("\"\\", .unexpectedEnd, 2),
            ("\"\\u12", .unexpectedEnd, 5), ("[1 2]", .unexpectedByte, 3), ("[1,]", .unexpectedByte, 3),
            ("{\"a\":1,}", .unexpectedByte, 7), ("{a:1}", .unexpectedByte, 1), ("{'a':1}", .unexpectedByte, 1),
            ("{\"a\" 1}", .unexpectedByte, 5), ("[}", .unexpectedByte, 1), ("{]", .unexpectedByte, 1),
            ("[1}", .unexpectedByte, 2),
            ("{\"a\":1]", .unexpectedByte, 6), (",", .unexpectedByte, 0), ("]", .unexpectedByte, 0),
            ("NaN", .unexpectedByte, 0),
            ("Infinity", .unexpectedByte, 0), ("-Infinity", .invalidNumber, 0), ("+1", .unexpectedByte, 0),
            (".5", .unexpectedByte, 0), ("//x\n1", .unexpectedByte, 0), ("[1/*x*/]", .unexpectedByte, 2),
            ("nul1", .invalidLiteral, 0), ("nullx", .trailingData, 4), ("truE", .invalidLiteral, 0),
            ("01", .invalidNumber, 0),
            ("-01", .invalidNumber, 0), ("1.e1", .invalidNumber, 0), ("1e+", .unexpectedEnd, 3),
            ("[1e-]", .invalidNumber, 1),
            ("0x10", .trailingData, 1), ("1 2", .trailingData, 2), ("{}{}", .trailingData, 2),
            ("\u{FEFF}1", .byteOrderMark, 0),
            ("1\u{a0}", .trailingData, 1), ("\"\\x41\"", .invalidEscape, 1), ("\"\\u12G4\"", .invalidEscape, 1),
            ("\"\\u-123\"", .invalidEscape, 1), ("\"\\'\"", .invalidEscape, 1), ("\"a\nb\"", .controlCharacter, 2),
            ("\"\u{0}\"", .controlCharacter, 1), ("\"\\ud800\"", .loneSurrogate, 1), ("\"\\udc00\"", .loneSurrogate, 1),
            ("\"\\ud800\\ud800\"", .loneSurrogate, 1), ("\"\\ud83dx\"", .loneSurrogate, 1),
            ("\"\\ud83d\\n\"", .loneSurrogate, 1),
        ] as [(String, JSONFault.Reason, Int)])
    func refuses(_ text: String, _ reason: JSONFault.Reason, _ offset: Int) {
        #expect(throws: JSONFault(reason, offset: offset)) { try parse(text) }
    }

    @Test(
        "Bytes that are not UTF-8 are refused, also when they only say it in a longer way",
        arguments: [
            [0x80], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xF0, 0x80, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xE2, 0x82], [0xFF], [0xFE], [0xC3],
        ] as [[UInt8]])
    func refusesBadUTF8(_ bytes: [UInt8]) {
        let document = [UInt8(ascii: "[")] + [UInt8(ascii: "\"")] + bytes + Array("\"]".utf8)
        #expect(throws: JSONFault(.invalidUTF8, offset: 1)) { try StrictJSON.parse(document, limits: limits) }
    }

    @Test(
        "A name that is repeated is refused, however it is spelt",
        arguments: [
            (#"{"a":1,"a":1}"#, "a", 7), (#"{"a":1,"\u0061":2}"#, "a", 7), (#"{"":1,"":2}"#, "", 6),
            (#"{"x":{"a":1,"b":[{"c":1,"c":2}]}}"#, "c", 24),
        ])
    func refusesDuplicates(_ text: String, _ name: String, _ offset: Int) {
        #expect(throws: JSONFault(.duplicateName(name), offset: offset)) { try parse(text) }
    }

    @Test("A repeated name is found among many", arguments: [7, 15, 16, 17, 18, 1000])
    func refusesDuplicatesAmongMany(_ count: Int) {
        let names = (0..<count).map { "\"k\($0)\":0" } + ["\"k3\":0"]
        let fault = #expect(throws: JSONFault.self) { try parse("{" + names.joined(separator: ",") + "}") }
        #expect(fault?.reason == .duplicateName("k3"))
    }

    @Test("Names in objects beside one another may be the same, and so may names that only look alike")
    func acceptsSameNamesApart() throws {
        #expect(try parse(#"[{"a":1},{"a":2},{"b":{"b":3}}]"#).asArray?.count == 3)
        let accents = try parse("{\"\u{e9}\":1,\"e\u{301}\":2}")
        #expect(accents.asObject?["\u{e9}"] == 1)
        #expect(accents.asObject?["e\u{301}"] == 2)
    }
}

private func written(_ text: String) -> JSONValue {
    guard let value = try? parse(text) else { return .null }
    #expect(value.asNumber?.text == text)
    return value
}
