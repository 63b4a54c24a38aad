import StrictJSON
import Testing

@Suite("JSON values")
struct JSONValueTests {
    @Test(
        "A value is written in one way only",
        arguments: [
            (nil, "null"), (true, "true"), (1, "1"), (-2, "-2"), (1.5, "1.5"), (1e100, "1e+100"), ("", #""""#),
            ([], "[]"), ([:], "{}"), ([1, [nil], "a"], #"[1,[null],"a"]"#),
            (["b": 1, "a": ["c": []]], #"{"b":1,"a":{"c":[]}}"#),
            (.integer(UInt64.max), "18446744073709551615"), (.integer(Int64.min), "-9223372036854775808"),
            (.string("\"\\/\u{8}\t\n\u{c}\r\u{1}\u{1f}\u{7f}é€😀"), #""\"\\/\b\t\n\f\r\u0001\u001f\#u{7f}é€😀""#),
        ] as [(JSONValue, String)])
    func encoded(_ value: JSONValue, _ text: String) throws {
        #expect(String(decoding: value.encoded(), as: UTF8.self) == text)
        #expect(try StrictJSON.parse(value.encoded(), limits: .requestBody) == value)
        #expect(try StrictJSON.parse(value.encoded(.pretty), limits: .requestBody) == value)
    }

    @Test("For people a value is laid out in lines")
    func pretty() {
        let value: JSONValue = ["a": [1, ["b": [:]]], "c": [], "d": "e"]
        let text = """
            {
              "a": [
                1,
                {
                  "b": {}
                }
              ],
              "c": [],
              "d": "e"
            }

            """
        #expect(String(decoding: value.encoded(.pretty), as: UTF8.self) == text)
    }

    @Test(
        "A number is whole only when it is written so and fits",
        arguments: [
            ("0", 0, 0), ("-0", 0, 0), ("-1", -1, nil), ("9223372036854775807", .max, 9_223_372_036_854_775_807),
            ("9223372036854775808", nil, 9_223_372_036_854_775_808), ("18446744073709551615", nil, .max),
            ("18446744073709551616", nil, nil), ("-9223372036854775808", .min, nil), ("-9223372036854775809", nil, nil),
            ("1.0", nil, nil), ("1e2", nil, nil),
        ] as [(String, Int64?, UInt64?)])
    func wholeNumbers(_ text: String, _ int64: Int64?, _ uint64: UInt64?) throws {
        let number = try #require(try StrictJSON.parse(Array(text.utf8), limits: .requestBody).asNumber)
        #expect(number.int64 == int64)
        #expect(number.uint64 == uint64)
    }

    @Test("A number too large for a Double is none")
    func doubles() throws {
        let numbers =
            try StrictJSON.parse(Array("[1e308,1e309,-1e400,1e-400,0.1]".utf8), limits: .requestBody).asArray ?? []
        #expect(numbers.map { $0.asNumber?.double } == [1e308, nil, nil, 0, 0.1])
        #expect(JSONNumber(Double.nan) == nil)
        #expect(JSONNumber(-Double.infinity) == nil)
    }

    @Test("The names of an object are unique and keep their order")
    func objects() {
        var object = JSONObject([("b", 1), ("a", 2), ("b", 3)])
        #expect(object.members.map(\.name) == ["b", "a"])
        #expect(object["b"] == 3)
        object["c"] = 4
        object["b"] = 5
        object["a"] = nil
        object["x"] = nil
        #expect(object == ["b": 5, "c": 4])
        #expect(JSONObject(present: [("a", nil), ("b", .null), ("c", 1)]) == ["b": nil, "c": 1])
        let many = JSONObject((0..<100).map { ("\($0 % 50)", .integer($0)) })
        #expect(many.members.map(\.value) == (50..<100).map { JSONValue.integer($0) })
    }
}
