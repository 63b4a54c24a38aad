import DER
import Testing

@Suite("Times")
struct UnixTimeTests {
    @Test(
        "Times of RFC 3339 are read to the nanosecond",
        arguments: [
            ("1970-01-01T00:00:00Z", 0, 0), ("2026-11-01T12:00:21Z", 1_793_534_421, 0),
            ("2000-02-29T23:59:59.999Z", 951_868_799, 999_000_000), ("1969-12-31T23:59:59Z", -1, 0),
            ("2026-11-01T14:00:21.5+02:00", 1_793_534_421, 500_000_000), ("9999-12-31T23:59:59Z", 253_402_300_799, 0),
            ("2026-11-01t12:00:21.1234567899z", 1_793_534_421, 123_456_789),
        ] as [(String, Int64, Int32)])
    func rfc3339(_ text: String, _ seconds: Int64, _ nanoseconds: Int32) throws {
        let time = try #require(UnixTime(rfc3339: text))
        #expect(time.seconds == seconds)
        #expect(time.nanoseconds == nanoseconds)
        #expect(UnixTime(rfc3339: time.description) == time)
    }

    @Test(
        "What is no time of RFC 3339 is refused",
        arguments: [
            "", "2026-11-01", "2026-11-01T12:00:21", "2026-13-01T12:00:21Z", "2026-02-29T12:00:21Z",
            "2026-11-01T24:00:00Z", "2026-11-01T12:60:00Z", "2026-11-01T12:00:60Z", "2026-11-01T12:00:21.Z",
            "2026-11-01T12:00:21Z ", "2026-11-01T12:00:21+1", "9999-12-31T23:59:59-01:00", "+026-11-01T12:00:21Z",
            "2026-11-01T12:00:21.\(String(repeating: "1", count: 40))Z",
        ])
    func refusesTexts(_ text: String) {
        #expect(UnixTime(rfc3339: text) == nil)
    }

    @Test("Certificates' times are read, with the century that RFC 5280 says")
    func derTimes() throws {
        func time(_ tag: DERTag, _ text: String) -> UnixTime? {
            var reader = DERReader(DERWriter.element(tag, text.utf8))
            return try? reader.time()
        }
        #expect(time(.utcTime, "261101120021Z")?.seconds == 1_793_534_421)
        #expect(time(.utcTime, "500101000000Z")?.description == "1950-01-01T00:00:00Z")
        #expect(time(.utcTime, "491231235959Z")?.description == "2049-12-31T23:59:59Z")
        #expect(time(.generalizedTime, "20261101120021Z")?.seconds == 1_793_534_421)
        #expect(time(.generalizedTime, "20261101120021.25Z")?.nanoseconds == 250_000_000)
        for text in ["2611011200Z", "261101120021", "261101120021+0000", "261101120021.5Z", "26110112002xZ", ""] {
            #expect(time(.utcTime, text) == nil)
        }
        for text in ["20261101120021", "20261101120021.Z", "20261101120021.50Z", "20261301120021Z", "261101120021Z"] {
            #expect(time(.generalizedTime, text) == nil)
        }
    }

    @Test("Milliseconds that no year has are no time")
    func milliseconds() {
        #expect(UnixTime(milliseconds: 1_793_534_421_500)?.description == "2026-11-01T12:00:21.5Z")
        #expect(UnixTime(milliseconds: .max) == nil)
        #expect(UnixTime(seconds: .max) == nil)
        #expect(UnixTime(seconds: .min) == nil)
        #expect(UnixTime(seconds: 0, nanoseconds: -1) == nil)
    }
}
