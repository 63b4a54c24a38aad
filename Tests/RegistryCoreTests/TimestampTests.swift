import RegistryCore
import Testing

@Suite("Timestamps")
struct TimestampTests {
    @Test(
        "Known instants are written and read alike",
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"), (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"), (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_709_164_800_123, "2024-02-29T00:00:00.123Z"), (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
            (-2_203_891_200_000, "1900-03-01T00:00:00.000Z"), (-62_167_219_200_000, "0000-01-01T00:00:00.000Z"),
            (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
        ] as [(Int64, String)])
    func known(milliseconds: Int64, text: String) {
        let time = Timestamp(clamping: milliseconds)
        #expect(time.description == text)
        #expect(Timestamp(parsing: text) == time)
    }

    @Test("Every first and last day of every month for four centuries reads as the day that counting gives")
    func counting() {
        var days: Int64 = -135_140  // 1600-01-01, as days before 1970.
        for year in 1600..<2001 {
            let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
            for (month, length) in [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31].enumerated() {
                for day in [1, length] {
                    let text = "\(year)-\(two(month + 1))-\(two(day))T00:00:00.000Z"
                    let time = Timestamp(clamping: (days + Int64(day - 1)) * 86_400_000)
                    #expect(Timestamp(parsing: text) == time)
                    #expect(time.description == text)
                }
                days += Int64(length)
            }
        }
    }

    @Test("Random instants survive writing and reading", arguments: 0..<8 as Range<UInt64>)
    func roundTrip(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            let range = Timestamp.earliest.milliseconds...Timestamp.latest.milliseconds
            let time = Timestamp(clamping: Int64.random(in: range, using: &generator))
            #expect(Timestamp(parsing: time.description) == time)
        }
    }

    @Test(
        "Offsets, lower case, fractions and leap seconds are read as RFC 3339 says",
        arguments: [
            ("2026-11-21T10:48:13Z", "2026-11-21T10:48:13.000Z"), ("2026-11-21t10:48:13z", "2026-11-21T10:48:13.000Z"),
            ("2026-11-21T10:48:13.5Z", "2026-11-21T10:48:13.500Z"),
            ("2026-11-21T10:48:13.123999999Z", "2026-11-21T10:48:13.123Z"),
            ("2026-11-21T10:48:13+01:00", "2026-11-21T09:48:13.000Z"),
            ("2026-11-21T10:48:13-00:00", "2026-11-21T10:48:13.000Z"),
            ("2026-01-01T00:30:00+05:45", "2025-12-31T18:45:00.000Z"),
            ("2024-02-28T23:30:00-01:00", "2024-02-29T00:30:00.000Z"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"),
            ("0000-01-01T00:00:00+23:59", "0000-01-01T00:00:00.000Z"),
        ])
    func rfc3339(text: String, meaning: String) {
        #expect(Timestamp(parsing: text)?.description == meaning)
    }

    @Test(
        "What is no instant is not read",
        arguments: [
            "", "2026", "2026-11-21", "2026-11-21T10:48:13", "2026-11-21 10:48:13Z", "2026-13-01T00:00:00Z",
            "2026-00-01T00:00:00Z", "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z",
            "2026-11-00T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T00:60:00Z", "2026-11-21T00:00:61Z",
            "2026-11-21T10:48:13.Z", "2026-11-21T10:48:13+0100", "2026-11-21T10:48:13+24:00",
            "2026-11-21T10:48:13*01:00", "2026-11-21T10:48:13ZZ", "2026-11-21T10:48:13.1234567890123456789012345Z",
            "+026-11-21T10:48:13Z", "２026-11-21T10:48:13Z",
        ])
    func notRead(text: String) {
        #expect(Timestamp(parsing: text) == nil)
    }

    @Test("A number out of range becomes the nearest instant in range")
    func clamping() {
        #expect(Timestamp(clamping: .max) == .latest)
        #expect(Timestamp(clamping: .min) == .earliest)
        #expect(Timestamp.latest.description == "9999-12-31T23:59:59.999Z")
    }

    private func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
