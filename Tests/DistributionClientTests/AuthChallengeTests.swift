import DistributionClient
import Testing

@Suite("Challenges of registries")
struct AuthChallengeTests {
    @Test("A challenge has a scheme and parameters, quoted or not, with blanks wherever they may be")
    func parameters() {
        let field = #"Bearer realm="https://auth.example/token" , service=registry,  Scope = "repository:a:pull,push""#
        #expect(
            AuthChallenge.parse([field]) == [
                AuthChallenge(
                    scheme: "bearer",
                    parameters: [
                        "realm": "https://auth.example/token", "service": "registry",
                        "scope": "repository:a:pull,push",
                    ])
            ])
    }

    @Test("Several challenges stand in one field, or in several")
    func several() {
        let expected = [
            AuthChallenge(scheme: "basic", parameters: ["realm": "a, b"]),
            AuthChallenge(scheme: "bearer", parameters: ["realm": "https://x/"]),
        ]
        #expect(AuthChallenge.parse([#"Basic realm="a, b", Bearer realm="https://x/""#]) == expected)
        #expect(AuthChallenge.parse([#"Basic realm="a, b""#, #"Bearer realm="https://x/""#]) == expected)
    }

    @Test("A backslash in a quoted text takes the next character as it is")
    func escapes() {
        #expect(AuthChallenge.parse([#"Basic realm="say \"hi\" \\""#]).first?.parameters["realm"] == #"say "hi" \"#)
    }

    @Test(
        "What cannot be read ends the list, and nothing of it is made up",
        arguments: [
            ("", []), (",,,", []), ("Basic", ["basic"]), (#"Basic realm="never ends"#, ["basic"]),
            (#"Basic realm="x\"#, ["basic"]), ("realm=x", ["realm"]), ("Basic realm=", ["basic"]), ("\u{0}", []),
            ("Negotiate YII==, Basic", ["negotiate", "basic"]),
        ])
    func malformed(field: String, schemes: [String]) {
        #expect(AuthChallenge.parse([field]).map(\.scheme) == schemes)
    }

    @Test("A field of any length costs little")
    func long() {
        let found = AuthChallenge.parse([String(repeating: "a ", count: 1 << 20)])
        #expect(found.count <= 8_192)
    }
}

@Suite("Tokens of token services")
struct AccessTokenTests {
    @Test("Either name of the token counts, and it is fresh for as long as the service says")
    func read() throws {
        let now = ContinuousClock.now
        let token = try #require(AccessToken(parsing: Array(#"{"access_token":"abc","expires_in":100}"#.utf8), at: now))
        #expect(token.text == "abc")
        #expect(token.isFresh(at: now + .seconds(80)))
        #expect(!token.isFresh(at: now + .seconds(95)))
        let short = try #require(AccessToken(parsing: Array(#"{"token":"x","access_token":"y"}"#.utf8), at: now))
        #expect(short.text == "x")
        #expect(!short.isFresh(at: now + .seconds(55)))
    }

    @Test(
        "What is no token is none",
        arguments: [
            "", "[]", "{}", #"{"token":""}"#, #"{"token":1}"#, #"{"token":"a\r\nX: y"}"#, #"{"token":"ä"}"#,
            #"{"token":"a","token":"b"}"#,
        ])
    func refused(body: String) {
        #expect(AccessToken(parsing: Array(body.utf8), at: .now) == nil)
    }
}
