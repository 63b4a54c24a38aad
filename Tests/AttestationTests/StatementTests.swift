import Attestation
import SignatureKeys
import StrictJSON
import Testing

@Suite("Envelopes and statements")
struct StatementTests {
    private func statement(_ text: String) throws -> Statement {
        try Statement(parsing: Array(text.utf8))
    }

    private static let digest = String(repeating: "ab", count: 32)

    @Test("The pre-authentication encoding is that of the DSSE specification")
    func preAuthenticationEncoding() {
        let envelope = Envelope(
            payload: Array("hello world".utf8), payloadType: "http://example.com/HelloWorld", signatures: [])
        let expected = "DSSEv1 29 http://example.com/HelloWorld 11 hello world"
        #expect(envelope.preAuthenticationEncoding == Array(expected.utf8))
        let accented = Envelope(payload: [0xFF], payloadType: "é", signatures: [])
        #expect(accented.preAuthenticationEncoding == Array("DSSEv1 2 é 1 ".utf8) + [0xFF])
    }

    @Test("Statements of both versions are read")
    func reads() throws {
        for version in Statement.Version.allCases {
            let statement = try statement(
                """
                {"_type":"\(version.rawValue)","subject":[{"digest":{"sha256":"\(Self.digest)","other":"x"}},
                {"name":"a","digest":{"sha512":"\(Self.digest + Self.digest)"},"annotations":{"channel":"stable"}}],
                "predicateType":"https://example.org/p","predicate":{"a":1},"more":true}
                """)
            #expect(statement.version == version)
            #expect(statement.subjects.map(\.name) == [nil, "a"])
            #expect(statement.subjects[0].digests == [.sha256: [UInt8](repeating: 0xAB, count: 32)])
            #expect(statement.subjects[1].annotations["channel"]?.asString == "stable")
            #expect(statement.predicateType == "https://example.org/p")
            #expect(statement.predicate["a"] == 1)
        }
    }

    @Test("What is no statement about anything is refused")
    func refuses() {
        let good = #""predicateType":"p","subject":[{"digest":{"sha256":"\#(Self.digest)"}}]"#
        let type = #""_type":"https://in-toto.io/Statement/v1""#
        let subject = { (text: String) in #"{\#(type),"predicateType":"p","subject":\#(text)}"# }
        let many = Array(repeating: #"{"digest":{}}"#, count: Statement.subjectsMax + 1).joined(separator: ",")
        let digests = (0...Subject.digestsMax).map { "\"a\($0)\":\"\"" }.joined(separator: ",")
        for text in [
            "", "[]", "{\(good)}", #"{"_type":"https://in-toto.io/Statement/v2",\#(good)}"#,
            #"{"_type":"https://in-toto.io/Statement/v1 ",\#(good)}"#, #"{\#(type),"subject":[{"digest":{}}]}"#,
            #"{\#(type),"predicateType":"","subject":[{"digest":{}}]}"#, #"{\#(type),\#(good),"predicate":[]}"#,
            #"{\#(type),\#(type),\#(good)}"#, subject("[]"), subject("{}"), subject("[{}]"), subject("[1]"),
            subject(#"[{"digest":{"sha256":"ab"}}]"#), subject(#"[{"digest":{"sha256":1}}]"#),
            subject(#"[{"digest":{"sha256":"\#(String(repeating: "xy", count: 32))"}}]"#), subject("[\(many)]"),
            subject("[{\"digest\":{\(digests)}}]"),
        ] {
            #expect(throws: AttestationFault.self, "\(text)") { try statement(text) }
        }
    }

    @Test("A subject is an artifact if a digest is equal and none differs")
    func names() throws {
        let other = String(repeating: "cd", count: 64)
        let subject = try statement(
            """
            {"_type":"https://in-toto.io/Statement/v1","predicateType":"p",
            "subject":[{"digest":{"sha256":"\(Self.digest)","sha512":"\(other)"}}]}
            """
        ).subjects[0]
        let (right256, right512) = ([UInt8](repeating: 0xAB, count: 32), [UInt8](repeating: 0xCD, count: 64))
        #expect(subject.names([.sha256: right256]))
        #expect(subject.names([.sha256: right256, .sha512: right512, .sha384: []]))
        #expect(!subject.names([.sha256: right256, .sha512: right256 + right256]))
        #expect(!subject.names([.sha256: right512]))
        #expect(!subject.names([.sha384: right256]))
        #expect(!subject.names([:]))
    }

    @Test("Envelopes are read within their limits")
    func envelopes() throws {
        func envelope(_ text: String) throws -> Envelope {
            let value = try StrictJSON.parse(Array(text.utf8), limits: .requestBody)
            return try Envelope(try #require(value.asObject))
        }
        let read = try envelope(
            #"{"payload":"YWI=","payloadType":"t","signatures":[{"sig":"AQI=","keyid":"k"},{"sig":"AQ=="}]}"#)
        #expect(read.payload == Array("ab".utf8))
        #expect(read.signatures.map(\.keyID) == ["k", ""])
        #expect(read.signatures.map(\.bytes) == [[1, 2], [1]])
        let many = Array(repeating: #"{"sig":"AQI="}"#, count: Envelope.signaturesMax + 1).joined(separator: ",")
        for text in [
            "{}", #"{"payload":"YWI","payloadType":"t","signatures":[]}"#,
            #"{"payload":"","payloadType":"","signatures":[]}"#,
            #"{"payload":"","payloadType":"t"}"#, #"{"payload":"","payloadType":"t","signatures":[{"sig":""}]}"#,
            #"{"payload":"","payloadType":"t","signatures":[{"sig":"AQI=","keyid":1}]}"#,
            "{\"payload\":\"\",\"payloadType\":\"t\",\"signatures\":[\(many)]}",
        ] {
            #expect(throws: AttestationFault.self, "\(text)") { try envelope(text) }
        }
    }
}
