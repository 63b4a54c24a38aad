import Crypto
import Foundation
import HTTPTypes
import OCI
import RegistryCore
import RouteSupport
import Testing

@Suite("Requests for tokens that are signed, as Ollama does")
struct SignedTokenRequestTests {
    // A key of `openssl genpkey -algorithm ed25519`; the signature is one of `openssl pkeyutl -sign -rawin`.
    private static let vectorKey = "AAAAC3NzaC1lZDI1NTE5AAAAIErYihuatHT+J7l86MWxZCaAElTmsuYKjTC8NOc+I+Ri"
    private static let vectorSignature =
        "3GN7KetxuNEIYsAYWm2c16VbUUg8GmEGPsP/8K77VNCzkyp1ZOXj3HXY2/6+f2rFoHhjqmDg51rcF91FWywHBA=="
    private static let vectorQuery =
        "nonce=5m3hQ0pXQm1kZ2xrYQ&scope=repository%3Ateam%2Fllama%3Apull%2Cpush&service=registry.example%3A8470"
        + "&ts=1800000000"

    private func scene(_ key: String = vectorKey, externalURL: String? = nil) throws -> AccessScene {
        let scene = try AccessScene(externalURL: externalURL)
        let key: Ed25519PublicKey = try #require(Ed25519PublicKey(line: "ssh-ed25519 \(key)"))
        try scene.install(key: key)
        return scene
    }

    private func ask(
        _ scene: AccessScene, _ query: String = vectorQuery, key: String = vectorKey,
        signature: String = vectorSignature, host: String = "registry.example:8470", at local: String = "10.0.0.1"
    ) throws(RegistryError) -> String {
        let request = AccessScene.request(.get, "/token?\(query)", "\(key):\(signature)", host: host)
        let fields = try FormFields(parsing: query)
        return try scene.rules.issue(
            TokenScopes(parsing: fields.all("scope").map { $0[...] }), request, fields, password: nil,
            from: "10.0.0.9", at: local
        ).token
    }

    @Test("The signature of another implementation is accepted, once")
    func vector() throws {
        let scene = try scene()
        let token = try ask(scene)
        let principal = try scene.admit("Bearer \(token)", "/v2/team/llama/manifests/latest")
        #expect(principal.actor?.description == "principal/laptop")
        #expect(principal.may(.push, on: try RepositoryName(parsing: "team/llama")))
        #expect(errorCode { try ask(scene) } == .unauthorized)
    }

    @Test("A signature is of one address, one query and one key")
    func otherRequests() throws {
        for query in [
            Self.vectorQuery.replacing("llama", with: "llame"), Self.vectorQuery + "&x=1",
            Self.vectorQuery.replacing("5m3h", with: "5m3i"),
            Self.vectorQuery.replacing("1800000000", with: "1800000001"),
        ] {
            #expect(errorCode { try ask(try scene(), query) } == .unauthorized)
        }
        for host in ["registry.example", "registry.example:8471", "localhost:8470", "other.example:8470"] {
            #expect(errorCode { try ask(try scene(), host: host) } == .unauthorized)
        }
        let signature = Self.vectorSignature.replacing("3GN7", with: "3GN8")
        #expect(errorCode { try ask(try scene(), signature: signature) } == .unauthorized)
        for header in [("", Self.vectorSignature), (Self.vectorKey, ""), (Self.vectorKey + "AA", Self.vectorSignature)]
        {
            #expect(errorCode { try ask(try scene(), key: header.0, signature: header.1) } == .unauthorized)
        }
    }

    @Test("What is signed for an address that everybody has counts only where the connection came to it")
    func address() throws {
        let key = Curve25519.Signing.PrivateKey()
        let line = Data([0, 0, 0, 11] + Array("ssh-ed25519".utf8) + [0, 0, 0, 32] + key.publicKey.rawRepresentation)
            .base64EncodedString()
        for (host, local, isGood) in [
            ("localhost:8470", "127.0.0.1", true), ("localhost:8470", "::1", true),
            ("localhost:8470", "10.0.0.1", false),
            ("127.0.0.1:8470", "127.0.0.1", true), ("127.0.0.1:8470", "10.0.0.1", false),
            ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1:8470", "::ffff:10.0.0.1", true), ("10.0.0.2", "10.0.0.1", false),
            ("[fd00::1]:8470", "fd00::1", true), ("registry.example", "10.0.0.1", true),
        ] {
            for scheme in ["http", "https"] {
                let query = "nonce=a&scope=repository%3Ateam%2Fa%3Apull&service=x&ts=1800000000"
                let words = "GET,\(scheme)://\(host)/token?\(query),\(Self.noBody)"
                let signature = try key.signature(for: Data(words.utf8)).base64EncodedString()
                let result = errorCode {
                    try ask(try scene(line), query, key: line, signature: signature, host: host, at: local)
                }
                #expect(result == (isGood ? nil : .unauthorized), "\(scheme) \(host) at \(local)")
            }
        }
        // Once an address is configured, it alone counts.
        let query = "nonce=a&ts=1800000000"
        for (address, isGood) in [("https://models.example", true), ("http://registry.example:8470", false)] {
            let words = "GET,\(address)/token?\(query),\(Self.noBody)"
            let signature = try key.signature(for: Data(words.utf8)).base64EncodedString()
            let scene = try scene(line, externalURL: "https://models.example")
            #expect((errorCode { try ask(scene, query, key: line, signature: signature) } == nil) == isGood)
        }
    }

    @Test("It has to be of the last five minutes, and not from before the registry started")
    func time() throws {
        let key = Curve25519.Signing.PrivateKey()
        let line = Data([0, 0, 0, 11] + Array("ssh-ed25519".utf8) + [0, 0, 0, 32] + key.publicKey.rawRepresentation)
            .base64EncodedString()
        for (passed, offset, isGood) in [
            (0, 0, true), (0, 300, true), (0, 301, false), (0, -1, false), (1_000, -300, true), (1_000, -301, false),
        ] as [(Int64, Int64, Bool)] {
            let scene = try scene(line)
            scene.advance(seconds: passed)
            let query = "nonce=a&ts=\(AccessScene.start + passed + offset)"
            let words = "GET,http://registry.example:8470/token?\(query),\(Self.noBody)"
            let signature = try key.signature(for: Data(words.utf8)).base64EncodedString()
            #expect(
                (errorCode { try ask(scene, query, key: line, signature: signature) } == nil) == isGood,
                "\(passed) \(offset)")
        }
        for query in [
            "nonce=a", "ts=1800000000", "nonce=&ts=1800000000", "nonce=a&ts=x", "nonce=a&nonce=b&ts=1800000000",
        ] {
            let words = "GET,http://registry.example:8470/token?\(query),\(Self.noBody)"
            let signature = try key.signature(for: Data(words.utf8)).base64EncodedString()
            let scene = try scene(line)
            #expect(errorCode { try ask(scene, query, key: line, signature: signature) } != nil, "\(query)")
        }
    }

    @Test("A key that nobody registered is refused with the line to register, and is no guess")
    func unknownKey() throws {
        let scene = try AccessScene()
        for _ in 0..<5 {
            let error = #expect(throws: RegistryError.self) { try ask(scene) }
            #expect(error?.code == .unauthorized)
            #expect(error?.message.contains("ssh-ed25519 \(Self.vectorKey)") == true)
        }
        #expect(errorCode { try scene.issue(password: AccessScene.ciToken) } == nil)
    }

    private static let noBody = Data(hexadecimal(SHA256.hash(data: [UInt8]())).utf8).base64EncodedString()

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
