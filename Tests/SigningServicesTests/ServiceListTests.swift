import RegistryClient
import SigningServices
import Testing

@Suite("Lists of signing services")
struct ServiceListTests {
    private static let now: Int64 = 1_800_000_000  // 2027-01-15

    private static func service(
        _ host: String, version: Int = 1, start: String = "2025-01-01T00:00:00Z", end: String? = nil,
        by name: String = "o"
    ) -> String {
        let window = #""start":"\#(start)""# + (end.map { #","end":"\#($0)""# } ?? "")
        let known = #""url":"https://\#(host)","majorApiVersion":\#(version),"validFor":{\#(window)}"#
        return #"{\#(known),"operator":"\#(name)"}"#
    }

    private static func list(
        authorities: [String] = [service("fulcio.test")], logs: [String] = [service("rekor.test", version: 2)],
        timestamps: [String] = [service("tsa.test/api/v1/timestamp")],
        mediaType: String = "application/vnd.dev.sigstore.signingconfig.v0.2+json", more: String = ""
    ) -> [UInt8] {
        let lists = [("caUrls", authorities), ("rekorTlogUrls", logs), ("tsaUrls", timestamps)]
            .map { #""\#($0.0)":[\#($0.1.joined(separator: ","))]"# }.joined(separator: ",")
        return Array(#"{"mediaType":"\#(mediaType)",\#(lists)\#(more)}"#.utf8)
    }

    private static func hosts(_ list: ServiceList) -> [String] { list.logs.map(\.address.host) }

    @Test("Of each kind the newest that is in use and speaks a known version is taken")
    func newest() throws {
        let logs = [
            Self.service("one.test", version: 1, start: "2026-12-01T00:00:00Z"),
            Self.service("old.test", version: 2, start: "2024-01-01T00:00:00Z"),
            Self.service("new.test", version: 2, start: "2026-01-01T00:00:00Z"),
            Self.service("ended.test", version: 2, start: "2026-06-01T00:00:00Z", end: "2026-12-31T00:00:00Z"),
            Self.service("future.test", version: 2, start: "2027-06-01T00:00:00Z"),
        ]
        let list = try ServiceList(parsing: Self.list(logs: logs), now: Self.now)
        #expect(list.logs.map(\.address.description) == ["https://new.test"])
        #expect(list.logs.map(\.version) == [.v2])
        #expect(list.certificates.description == "https://fulcio.test")
        #expect(list.timestamps.map(\.description) == ["https://tsa.test/api/v1/timestamp"])
    }

    @Test("A log of version 1 is taken where none of version 2 is in use, and needs nobody who dates signatures")
    func dated() throws {
        let logs = [
            Self.service("ended.test", version: 2, end: "2026-12-31T00:00:00Z"), Self.service("one.test"),
            Self.service("three.test", version: 3),
        ]
        let list = try ServiceList(parsing: Self.list(logs: logs, timestamps: []), now: Self.now)
        #expect(Self.hosts(list) == ["one.test"])
        #expect(list.logs.map(\.version) == [.v1])
        #expect(list.timestamps.isEmpty)
        let both = try ServiceList(parsing: Self.list(logs: logs), now: Self.now)
        #expect(both.timestamps.map(\.host) == ["tsa.test"])
    }

    @Test("As many take part as the selector says, of different operators")
    func selectors() throws {
        let logs = [
            Self.service("a1.test", version: 2, start: "2024-01-01T00:00:00Z", by: "a"),
            Self.service("a2.test", version: 2, start: "2026-01-01T00:00:00Z", by: "a"),
            Self.service("b.test", version: 2, by: "b"), Self.service("c.test", by: "c"),
        ]
        func chosen(_ selector: String) throws(ServiceList.Fault) -> [String] {
            let more = #","rekorTlogConfig":{\#(selector)}"#
            return Self.hosts(try ServiceList(parsing: Self.list(logs: logs, more: more), now: Self.now))
        }
        #expect(try chosen(#""selector":"ANY""#) == ["a2.test"])
        #expect(try chosen(#""selector":"ALL""#) == ["a2.test", "b.test"])
        #expect(try chosen(#""selector":"EXACT","count":2"#) == ["a2.test", "b.test"])
        #expect(throws: ServiceList.Fault.none("rekorTlogUrls")) { try chosen(#""selector":"EXACT","count":3"#) }
        for wrong in [
            #""selector":"EXACT""#, #""selector":"EXACT","count":0"#, #""selector":"EXACT","count":33"#,
            #""selector":"any""#, "",
        ] {
            #expect(throws: ServiceList.Fault.malformed("rekorTlogConfig")) { try chosen(wrong) }
        }
    }

    @Test("Where none can be used, the list is refused with the name of the kind")
    func none() {
        let faults: [([UInt8], ServiceList.Fault)] = [
            (Self.list(authorities: []), .none("caUrls")),
            (Self.list(logs: [Self.service("rekor.test", version: 3)]), .none("rekorTlogUrls")),
            (Self.list(timestamps: []), .none("tsaUrls")),
            (Self.list(timestamps: [Self.service("tsa.test", end: "2026-01-01T00:00:00Z")]), .none("tsaUrls")),
            (Self.list(timestamps: [Self.service("tsa.test", start: "soon")]), .malformed("tsaUrls")),
            (Self.list(timestamps: [Self.service("ada@tsa.test")]), .malformed("tsaUrls")),
            (Self.list(mediaType: "application/json"), .malformed("mediaType")),
            (Array("[]".utf8), .malformed("the document")),
        ]
        for (bytes, fault) in faults {
            #expect(throws: fault) { try ServiceList(parsing: bytes, now: Self.now) }
        }
    }
}
