import RegistryCore
import RouteSupport
import Testing

@Suite("Fields of queries and forms")
struct FormFieldsTests {
    @Test("Fields are decoded once and keep their order")
    func decoding() throws {
        let fields = try FormFields(parsing: "scope=a+b&x=%2B%2520&scope=c%20d&flag&=e&&empty=")
        #expect(fields.all("scope") == ["a b", "c d"])
        #expect(try fields.text("x") == "+%20")
        #expect(try fields.text("flag") == "")
        #expect(try fields.text("empty") == "")
        #expect(try fields.text("none") == nil)
    }

    @Test("A field that has to be single is refused when it comes twice")
    func twice() throws {
        let error = #expect(throws: RegistryError.self) { try FormFields(parsing: "a=1&a=2").text("a") }
        #expect(error?.code == .invalidField)
    }

    @Test(
        "Broken escapes, other encodings and masses of fields are refused",
        arguments: ["a=%", "a=%4", "%zz=1", "a=%FF"])
    func refused(text: String) {
        #expect(throws: RegistryError.self) { try FormFields(parsing: text) }
        #expect(throws: RegistryError.self) {
            try FormFields(parsing: String(repeating: "a=1&", count: 300))
        }
    }
}
