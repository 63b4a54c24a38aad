import TUF
import Testing

@Suite("Times of metadata")
struct MetadataTimeTests {
    @Test(
        "A time is read and written as it is",
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("2024-02-29T23:59:59Z", 1_709_251_199), ("2000-03-01T00:00:00Z", 951_868_800),
            ("1969-12-31T23:59:59Z", -1), ("0000-01-01T00:00:00Z", -62_167_219_200),
            ("9999-12-31T23:59:59Z", 253_402_300_799), ("2026-11-20T13:58:18Z", 1_795_183_098),
        ] as [(String, Int64)])
    func both(text: String, seconds: Int64) {
        #expect(MetadataTime(parsing: text)?.secondsSince1970 == seconds)
        #expect(MetadataTime(clamping: seconds).description == text)
    }

    @Test(
        "Other forms, and days and times that there are not, are no times",
        arguments: [
            "", "2026-11-20", "2026-11-20T13:58:18", "2026-11-20T13:58:18+00:00", "2026-11-20T13:58:18.0Z",
            "2026-11-20 13:58:18Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z", "2025-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z", "2026-01-01T00:00:60Z",
            "2026-1-01T00:00:00ZZ", "+026-01-01T00:00:00Z", "2026-01-01T00:00:00ZZ", "2026-01-01t00:00:00z",
        ])
    func refused(text: String) {
        #expect(MetadataTime(parsing: text) == nil)
    }

    @Test("A clock beyond all calendars is at their end")
    func clamped() {
        #expect(MetadataTime(clamping: .max).description == "9999-12-31T23:59:59Z")
        #expect(MetadataTime(clamping: .min).description == "0000-01-01T00:00:00Z")
    }
}
