import StrictJSON
import Testing

private func reader(_ text: String) throws -> FieldReader {
    try FieldReader(try StrictJSON.parse(Array(text.utf8), limits: .requestBody))
}

@Suite("Field reader")
struct FieldReaderTests {
    @Test("Fields are taken by name and type")
    func takes() throws {
        var fields = try reader(
            #"{"s":"x","b":true,"u":7,"i":-7,"d":0.5,"a":[1],"o":{"k":1},"t":["p","q"],"m":{"k":"v"},"v":null}"#
        )
        #expect(try fields.requiredString("s") == "x")
        #expect(try fields.optionalString("absent") == nil)
        #expect(try fields.requiredBool("b"))
        #expect(try fields.requiredUInt64("u") == 7)
        #expect(try fields.requiredInt64("i") == -7)
        #expect(try fields.requiredDouble("d") == 0.5)
        #expect(try fields.requiredArray("a") == [1])
        #expect(try fields.requiredObject("o") == ["k": 1])
        #expect(try fields.optionalStrings("t") == ["p", "q"])
        #expect(try fields.optionalStringMap("m") == ["k": "v"])
        #expect(fields.optionalValue("v") == .null)
        #expect(try fields.optionalString("v") == nil)
        try fields.finish()
    }

    @Test("The first field that nobody asked for is named")
    func unknown() throws {
        var fields = try reader(#"{"a":1,"zz":2,"b":3,"y":4}"#)
        _ = try fields.requiredUInt64("a")
        _ = try fields.requiredUInt64("b")
        #expect(throws: FieldFault.unknown("zz")) { try fields.finish() }
    }

    @Test("A required field must be there, and null is no value of it")
    func missing() throws {
        var fields = try reader(#"{"n":null}"#)
        #expect(throws: FieldFault.missing("a")) { try fields.requiredString("a") }
        #expect(throws: FieldFault.wrongType("n", expected: "a string")) { try fields.requiredString("n") }
    }

    @Test("A field of another type is refused with what was expected")
    func wrongType() throws {
        var fields = try reader(#"{"s":1,"u":-1,"f":1.0,"t":["a",1],"m":{"k":1},"b":"true"}"#)
        #expect(throws: FieldFault.wrongType("s", expected: "a string")) { try fields.optionalString("s") }
        #expect(throws: FieldFault.wrongType("u", expected: "a whole number, not negative")) {
            try fields.optionalUInt64("u")
        }
        #expect(throws: FieldFault.wrongType("f", expected: "a whole number")) { try fields.optionalInt64("f") }
        #expect(throws: FieldFault.wrongType("t", expected: "an array of strings")) { try fields.optionalStrings("t") }
        #expect(throws: FieldFault.wrongType("m", expected: "an object of strings")) {
            try fields.optionalStringMap("m")
        }
        #expect(throws: FieldFault.wrongType("b", expected: "true or false")) { try fields.optionalBool("b") }
        #expect(throws: FieldFault.wrongType("body", expected: "an object")) { try FieldReader([1], field: "body") }
    }

    @Test("Sentences about faults cut long names short")
    func sentences() {
        let long = String(repeating: "x", count: 100_000)
        #expect(FieldFault.unknown(long).description.utf8.count < 100)
        #expect(JSONFault(.duplicateName(long), offset: 0).description.utf8.count < 120)
        #expect(FieldFault.missing("name").description == "the field \"name\" is missing")
    }
}
