import RegistryClient
import SigningServices
import Testing

@Suite("Lists of signing services")
struct ServiceListTests {
    private static let now: Int64 = 1_800_000_000  // 2027-01-15

    private static func service(
        _ host: String, version: Int = 1, start: String = "2025-01-01T00:00:00Z", end: String? = nil
    ) -> String {
        let window = #""start":"\#(start)""# + (end.map { #","end":"\#($0)""# } ?? "")
        return #"{"url":"https://\#(host)","majorApiVersion":\#(version),"validFor":{\#(window)},"operator":"o"}"#
    }

    private static func list(
        authorities: [String] = [service("fulcio.test")], logs: [String] = [service("rekor.test", version: 2)],
        timestamps: [String] = [service("tsa.test/api/v1/timestamp")],
        mediaType: String = "application/vnd.dev.sigstore.signingconfig.v0.2+json"
    ) -> [UInt8] {
        let lists = [("caUrls", authorities), ("rekorTlogUrls", logs), ("tsaUrls", timestamps)]
            .map { #""\#($0.0)":[\#($0.1.joined(separator: ","))]"# }.joined(separator: ",")
        return Array(#"{"mediaType":"\#(mediaType)",\#(lists)}"#.utf8)
    }

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
        #expect(list.log.description == "https://new.test")
        #expect(list.certificates.description == "https://fulcio.test")
        #expect(list.timestamps.description == "https://tsa.test/api/v1/timestamp")
    }

    @Test("Where none can be used, the list is refused with the name of the kind")
    func none() {
        let faults: [([UInt8], ServiceList.Fault)] = [
            (Self.list(authorities: []), .none("caUrls")),
            (Self.list(logs: [Self.service("rekor.test", version: 1)]), .none("rekorTlogUrls")),
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
