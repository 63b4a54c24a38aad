internal import Crypto
internal import SignatureKeys
internal import StrictJSON

/// A private key as cosign keeps one: JSON that says how, in a PEM block `ENCRYPTED SIGSTORE PRIVATE KEY`.
struct BoxedPrivateKey {
    let derivation: KeyDerivation
    private let nonce: [UInt8]
    private let box: [UInt8]

    static let labels = ["ENCRYPTED SIGSTORE PRIVATE KEY", "ENCRYPTED COSIGN PRIVATE KEY"]

    private static let limits = JSONLimits(bytesMax: 8 << 10, depthMax: 8, nodesMax: 64, stringBytesMax: 8 << 10)

    init(_ bytes: [UInt8]) throws(SigningFault) {
        guard let object = (try? StrictJSON.parse(bytes, limits: Self.limits))?.asObject,
            let kdf = object["kdf"]?.asObject, let cipher = object["cipher"]?.asObject,
            let salt = Self.bytes(kdf["salt"]), let nonce = Self.bytes(cipher["nonce"]),
            nonce.count == XSalsa20.nonceBytes, let box = Self.bytes(object["ciphertext"])
        else { throw .malformedKey }
        guard kdf["name"]?.asString == "scrypt", let parameters = kdf["params"]?.asObject,
            let n = Self.number(parameters["N"]), let r = Self.number(parameters["r"]),
            let p = Self.number(parameters["p"])
        else { throw .unsupportedEncryption("a way of deriving keys") }
        guard cipher["name"]?.asString == "nacl/secretbox" else { throw .unsupportedEncryption("a cipher") }
        derivation = try KeyDerivation(.scrypt(n: n, r: r, p: p), salt: salt)
        self.nonce = nonce
        self.box = box
    }

    func open(_ password: [UInt8]) throws(SigningFault) -> SigningKey {
        let key = try derivation.key(from: password).withUnsafeBytes { Array($0) }
        guard let plain = SecretBox.open(box, key: key, nonce: nonce) else { throw .passwordWrong }
        return try PrivateKeyInfo.read(plain)
    }

    private static func bytes(_ value: JSONValue?) -> [UInt8]? {
        (value?.asString).flatMap { Base64.decode($0.utf8) }
    }

    private static func number(_ value: JSONValue?) -> Int? {
        (value?.asNumber?.int64).flatMap { Int(exactly: $0) }
    }
}
