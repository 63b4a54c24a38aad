import RegistryClient
import Testing

@Suite("Server address")
struct ServerAddressTests {
    @Test(
        "Addresses are read and written in one form",
        arguments: [
            ("http://127.0.0.1:8470", "http://127.0.0.1:8470"),
            ("http://127.0.0.1:8470/", "http://127.0.0.1:8470"),
            ("https://Registry.Example", "https://registry.example"),
            ("https://registry.example/models/", "https://registry.example/models"),
            ("http://[::1]:8470", "http://[::1]:8470"),
        ])
    func accepted(text: String, canonical: String) throws {
        #expect(try ServerAddress(parsing: text).description == canonical)
    }

    @Test(
        "What is no plain address is refused by name",
        arguments: [
            ("", AddressFault.scheme), ("registry.example", .scheme), ("ftp://registry.example", .scheme),
            ("HTTP://registry.example", .scheme), ("file:///etc/passwd", .scheme),
            ("http://user:secret@registry.example", .credentials), ("http://token@registry.example", .credentials),
            ("http://", .host), ("http://:80", .host), ("http:///path", .host), ("http://a b", .host),
            ("http://[::1", .host), ("http://[zz]", .host), ("http://ex\u{E4}mple", .host), ("http://a\r\nb", .host),
            ("http://a:", .port), ("http://a:0", .port), ("http://a:65536", .port), ("http://a:8x", .port),
            ("http://[::1]8470", .port), ("http://a:+80", .port),
            ("http://a?x=1", .path), ("http://a/#f", .path), ("http://a/../b", .path), ("http://a//b", .path),
            ("http://a/%2e", .path), ("http://a/b c", .path),
        ])
    func refused(text: String, fault: AddressFault) {
        #expect(throws: fault) { try ServerAddress(parsing: text) }
    }

    @Test(
        "Only this machine is loopback",
        arguments: [
            ("http://127.0.0.1", true), ("http://127.8.9.10:80", true), ("http://localhost:1", true),
            ("http://[::1]", true),
            ("http://127.0.0.1.evil.example", false), ("http://127.0.0.256", false), ("http://128.0.0.1", false),
            ("http://localhost.evil.example", false), ("http://127.1", false), ("http://[::2]", false),
        ])
    func loopback(text: String, expected: Bool) throws {
        #expect(try ServerAddress(parsing: text).isLoopback == expected)
    }
}

@Suite("Bearer token")
struct BearerTokenTests {
    @Test(
        "A token file may end in white space and holds visible ASCII before it",
        arguments: [
            "secret", "secret\n", "secret \r\n", "a-b_c.~+/=",
        ])
    func accepted(text: String) {
        #expect(BearerToken(fileContent: Array(text.utf8)) != nil)
    }

    @Test(
        "Anything else is no token",
        arguments: [
            "", "\n", " secret", "se cret", "secret\nother", "s\u{E9}cret", "secret\0",
            String(repeating: "a", count: 4_097),
        ])
    func refused(text: String) {
        #expect(BearerToken(fileContent: Array(text.utf8)) == nil)
    }

    @Test("A token is never printed")
    func hidden() throws {
        let token = try #require(BearerToken(fileContent: Array("topsecret".utf8)))
        #expect(!"\(token)\(String(reflecting: token))".contains("topsecret"))
    }
}
