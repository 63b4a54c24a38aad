import RouteSupport
import Testing

@Suite("Byte ranges")
struct ByteRangeTests {
    @Test(
        "A range inside the file is that part of it",
        arguments: [
            ("bytes=0-0", 0..<1), ("bytes=2-5", 2..<6), ("bytes=9-9", 9..<10), ("bytes=5-", 5..<10),
            ("bytes=0-", 0..<10), ("bytes=0-99", 0..<10), ("bytes=-1", 9..<10), ("bytes=-99", 0..<10),
            ("BYTES=1-2", 1..<3), ("bytes=0-18446744073709551615", 0..<10),
            ("bytes=1-99999999999999999999999999", 1..<10), ("bytes=007-8", 7..<9),
        ])
    func parts(_ field: String, _ part: Range<UInt64>) {
        #expect(ByteRange(field, sizeBytes: 10) == .part(part))
    }

    @Test(
        "What is no range of bytes, or several, is answered with everything",
        arguments: [
            nil, "", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=a-b", "bytes=1-2,4-5", "bytes= 1-2", "lines=1-2",
            "bytes=1--2", "bytes=-1-2", "bytes=0x1-2", "bytes=１-2", "bytes=+1-2",
        ])
    func whole(_ field: String?) {
        #expect(ByteRange(field, sizeBytes: 10) == .whole)
    }

    @Test(
        "A range behind the end cannot be had",
        arguments: [("bytes=10-", 10), ("bytes=10-11", 10), ("bytes=-0", 10), ("bytes=0-", 0), ("bytes=-1", 0)])
    func unsatisfiable(_ field: String, _ size: UInt64) {
        #expect(ByteRange(field, sizeBytes: size) == .unsatisfiable)
    }

    @Test("The longest file there can be has a last byte")
    func longest() {
        #expect(ByteRange("bytes=-1", sizeBytes: .max) == .part(UInt64.max - 1..<UInt64.max))
        #expect(ByteRange("bytes=0-18446744073709551615", sizeBytes: .max) == .part(0..<UInt64.max))
    }
}

@Suite("Entity tags")
struct EntityTagTests {
    @Test(
        "If-None-Match names a tag by itself, in a list, weakly, or with an asterisk",
        arguments: ["\"x\"", "W/\"x\"", "\"y\", \"x\"", "\"y\" ,W/\"x\" ", "*", " * "])
    func named(_ field: String) {
        #expect(EntityTag("x").isNamed(by: field))
    }

    @Test("Other fields do not", arguments: [nil, "", "x", "\"y\"", "\"x", "w/\"x\"", "\"xx\"", ","])
    func notNamed(_ field: String?) {
        #expect(!EntityTag("x").isNamed(by: field))
    }
}
