import OCI
import Testing

@Suite("References")
struct ReferenceTests {
    @Test("A tag is a tag, a digest is a digest", arguments: ["latest", "V1.0_a-b", "_", "0", "a.b"])
    func tags(_ text: String) {
        #expect(Reference(parsing: text) == Tag(parsing: text).map { .tag($0) })
        #expect(Tag(parsing: text)?.description == text)
    }

    @Test("What holds a colon is a digest or nothing")
    func digests() throws {
        let text = "sha256:" + String(repeating: "0a", count: 32)
        #expect(Reference(parsing: text) == .digest(try Digest(parsing: text)))
        #expect(Reference(parsing: text)?.description == text)
        for bad in ["sha256:", "sha256:00", text + "0", "md5:" + String(repeating: "0", count: 32), "a:b", ":"] {
            #expect(Reference(parsing: bad) == nil, "\(bad)")
        }
    }

    @Test(
        "Other text names nothing",
        arguments: ["", ".a", "-a", "a/b", "a b", "a+b", "é", "a\n", String(repeating: "a", count: 129)])
    func nothing(_ text: String) {
        #expect(Reference(parsing: text) == nil)
    }
}
