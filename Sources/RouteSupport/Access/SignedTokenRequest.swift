import FoundationEssentials
import Hummingbird
import RegistryCore

/// A request for a token that is signed with a key, as Ollama makes it: the address of the request with a time and a
/// nonce in its query, and in `Authorization` the public key and an Ed25519 signature.
///
/// Source: ollama, `server/auth.go` and `auth/auth.go`.
struct SignedTokenRequest {
    /// How far the client's clock may be from ours, in seconds.
    static let skewSecondsMax: Int64 = 300
    private static let nonceBytesMax = 128

    let key: Ed25519PublicKey
    let time: Int64
    let nonce: String
    private let signature: Data
    private let target: String

    /// - Throws: `.unauthorized` for what is no such request.
    init(key: Substring, signature: Substring, _ request: Request, _ fields: FormFields) throws(RegistryError) {
        guard let key = Ed25519PublicKey(base64: key), signature.utf8.count <= 128,
            let signature = Data(base64Encoded: String(signature)), request.method == .get,
            let time = try fields.text("ts").flatMap({ Int64($0) }), let nonce = try fields.text("nonce"),
            (1...Self.nonceBytesMax).contains(nonce.utf8.count)
        else { throw AccessRules.unauthorized("This is no request for a token that is signed with an Ed25519 key.") }
        self.key = key
        self.signature = signature
        self.time = time
        self.nonce = nonce
        target = request.uri.string
    }

    /// Whether the key signed this request for a registry at one of these addresses.
    func isSigned(for addresses: [String]) -> Bool {
        addresses.contains { address in
            key.isValid(signature: signature, over: Array("GET,\(address)\(target),\(Self.noBody)".utf8))
        }
    }

    /// Whether it was made just now, by a clock that is near ours.
    func isRecent(at now: Int64) -> Bool {
        let (difference, overflow) = now.subtractingReportingOverflow(time)
        return !overflow && (-Self.skewSecondsMax...Self.skewSecondsMax).contains(difference)
    }

    /// The base64 of the hexadecimal SHA-256 of no bytes.
    private static let noBody =
        "ZTNiMGM0NDI5OGZjMWMxNDlhZmJmNGM4OTk2ZmI5MjQyN2FlNDFlNDY0OWI5MzRjYTQ5NTk5MWI3ODUyYjg1NQ=="
}
