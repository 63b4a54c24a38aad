import TUFUpdater
import Testing

@Suite("Addresses of repositories")
struct RepositoryAddressTests {
    @Test(
        "An address ends with one slash",
        arguments: [
            ("https://tuf.example", "https://tuf.example/"), ("HTTPS://TUF.example/a/b/", "https://tuf.example/a/b/"),
            ("http://127.0.0.1:8080/a%5Bb%5D", "http://127.0.0.1:8080/a%5Bb%5D/"),
        ])
    func read(text: String, address: String) throws {
        #expect(RepositoryAddress(parsing: text)?.description == address)
    }

    @Test(
        "All else is no address",
        arguments: [
            "", "tuf.example", "ftp://tuf.example", "https://", "https://u:p@tuf.example", "https://tuf.example/?a",
            "https://tuf.example/#a", "https://tuf.example/../a", "https://tuf.example/a b", "https://tuf.example/ü",
            "https://tuf.example:99999/", "https://tuf.example/" + String(repeating: "a", count: 5_000),
        ])
    func refused(text: String) {
        #expect(RepositoryAddress(parsing: text) == nil)
    }
}
