import SignatureKeys
import SigningServices
import Testing

@Suite("Tokens of identity")
struct IdentityTokenTests {
    private static let now: Int64 = 1_800_000_000

    /// base64url without padding.
    private static func part(_ text: String) -> String {
        Base64.encode(Array(text.utf8)).filter { $0 != "=" }.map { $0 == "+" ? "-" : $0 == "/" ? "_" : String($0) }
            .joined()
    }

    private static func token(_ claims: String) -> [UInt8] {
        Array("\(part(#"{"alg":"ES256"}"#)).\(part(claims)).c2ln\n".utf8)
    }

    @Test("A token counts until it expires", arguments: ["1800000001", "1800000001.5", "18e9"])
    func valid(_ expiry: String) throws {
        _ = try IdentityToken(Self.token(#"{"exp":\#(expiry),"email":"ö?>~@example.com"}"#), now: Self.now)
    }

    @Test("One that has expired, or does not count yet, is refused")
    func times() {
        #expect(throws: IdentityToken.Fault.expired) {
            try IdentityToken(Self.token(#"{"exp":1800000000}"#), now: Self.now)
        }
        #expect(throws: IdentityToken.Fault.early) {
            try IdentityToken(Self.token(#"{"exp":1900000000,"nbf":1800000100}"#), now: Self.now)
        }
    }

    @Test("Two clocks may differ by a minute")
    func skew() throws {
        _ = try IdentityToken(Self.token(#"{"exp":1900000000,"nbf":1800000060}"#), now: Self.now)
    }

    @Test(
        "What is no token is refused",
        arguments: [
            "", "a.b", "a.b.c.d", "..", "a.!.c", "e30.e30.e30", "e30.\(part(#"{"exp":"1900000000"}"#)).c2ln",
            "e30.\(part(#"{"exp":1900000000,"exp":1}"#)).c2ln", "e30.\(part(#"{"exp":1e400}"#)).c2ln",
            "e30.\(part(#"{"exp":-1}"#)).c2ln", "e30.\(part("[1]")).c2ln", "e30\n.\(part(#"{"exp":1900000000}"#)).c2ln",
        ])
    func malformed(_ text: String) {
        #expect(throws: IdentityToken.Fault.malformed) { try IdentityToken(Array(text.utf8), now: Self.now) }
    }

    @Test("A token that is too large is refused")
    func size() {
        let padding = String(repeating: "x", count: IdentityToken.bytesMax)
        #expect(throws: IdentityToken.Fault.malformed) {
            try IdentityToken(Self.token(#"{"exp":1900000000,"x":"\#(padding)"}"#), now: Self.now)
        }
    }
}
