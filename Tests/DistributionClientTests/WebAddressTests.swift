import DistributionClient
import RegistryClient
import Testing

@Suite("Addresses that registries name")
struct WebAddressTests {
    private let base = WebAddress(scheme: .https, authority: "registry.example", target: "/v2/a/blobs/uploads/?x=1")

    @Test(
        "An address may be absolute, or relative to what was asked",
        arguments: [
            ("https://other.example:8443/a?b=c#d", "https://other.example:8443/a?b=c"),
            ("HTTP://Other.Example", "http://other.example/"),
            ("/v2/a/blobs/uploads/1?state=s", "https://registry.example/v2/a/blobs/uploads/1?state=s"),
            ("1?state=s", "https://registry.example/v2/a/blobs/uploads/1?state=s"),
            ("?last=b", "https://registry.example/v2/a/blobs/uploads/?last=b"),
        ])
    func resolved(text: String, expected: String) {
        #expect(WebAddress(text, relativeTo: base)?.description == expected)
    }

    @Test(
        "Whatever is not plainly an address of the web is none",
        arguments: [
            "", "//other.example/x", "ftp://x/", "file:///etc/passwd", "javascript:x", "https://", "https://u:p@x/",
            "https://x:0/", "https://x:99999/", "/a b", "/a\r\nHost: x", "../x", "https://ex ample/", "/ä",
            String(repeating: "/a", count: 10_000),
        ])
    func refused(text: String) {
        #expect(WebAddress(text, relativeTo: base) == nil)
    }

    @Test("A relative address needs something that it is relative to")
    func noBase() {
        #expect(WebAddress("/v2/", relativeTo: nil) == nil)
    }

    @Test("Parameters are added behind those that are there, escaped")
    func adding() {
        let address = WebAddress(scheme: .https, authority: "x", target: "/u")
        #expect(address.adding("digest", "sha256:a+b").target == "/u?digest=sha256%3Aa%2Bb")
        #expect(base.adding("n", "1").target == "/v2/a/blobs/uploads/?x=1&n=1")
    }

    @Test("An origin is scheme, host and port, and the scheme's own port may be left out")
    func origins() {
        func address(_ text: String) -> WebAddress? { WebAddress(text, relativeTo: nil) }
        #expect(address("https://a/x")?.isSameOrigin(as: address("https://a:443/y")!) == true)
        #expect(address("http://[::1]/")?.isSameOrigin(as: address("http://[::1]:80/")!) == true)
        for other in ["http://a/", "https://a:80/", "https://b/", "https://a.b/"] {
            #expect(address("https://a/")?.isSameOrigin(as: address(other)!) == false)
        }
    }

    @Test("The next page is the link whose relation says so")
    func links() {
        let page = #"</v2/a/tags/list?n=1&last=b>; rel="next""#
        #expect(RemoteRepository.next(in: [page]) == "/v2/a/tags/list?n=1&last=b")
        #expect(RemoteRepository.next(in: ["</p>; rel=prev", "</n>; rel=next"]) == "/n")
        #expect(RemoteRepository.next(in: ["", "<", ">", "</p>"]) == nil)
    }

    @Test("A range of an upload says how many bytes are there")
    func ranges() {
        #expect(RemoteRepository.offset("0-99") == 100)
        for text in [nil, "", "0-0", "-", "0-", "x", "0--1", "0-18446744073709551615"] {
            #expect(RemoteRepository.offset(text) == 0)
        }
    }
}
