import StrictJSON
import TUF
import Testing

@Suite("Canonical JSON")
struct CanonicalJSONTests {
    private func canonical(_ text: String) throws -> String {
        let limits = JSONLimits(bytesMax: 4_096, nodesMax: 256, stringBytesMax: 1_024)
        let value = try StrictJSON.parse(Array(text.utf8), limits: limits)
        return String(decoding: try CanonicalJSON.encode(value), as: UTF8.self)
    }

    @Test("Members are in the order of the code points of their names, without white space")
    func order() throws {
        #expect(
            try canonical(#"{ "b": [1, true, null], "a": {"é": "x", "z": -5}, "B": "" }"#)
                == #"{"B":"","a":{"z":-5,"é":"x"},"b":[1,true,null]}"#)
        // UTF-16 would put the second before the first.
        #expect(try canonical(#"{"😀":1,"｡":2}"#) == #"{"｡":2,"😀":1}"#)
    }

    @Test("Strings keep all characters as they are, but for quotes and backslashes")
    func strings() throws {
        #expect(try canonical(#"["\n\t\u0007\/é\"\\"]"#) == "[\"\n\t\u{7}/é\\\"\\\\\"]")
    }

    @Test("Numbers that two writers would write differently have no canonical form", arguments: ["1.0", "1e3", "-0"])
    func numbers(text: String) {
        #expect(throws: CanonicalJSON.Fault.notAnInteger) { try canonical(text) }
    }

    @Test("Integers of any length are written as they are")
    func longIntegers() throws {
        #expect(try canonical("[123456789012345678901234567890,0]") == "[123456789012345678901234567890,0]")
    }
}
