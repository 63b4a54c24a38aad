internal import SignatureKeys
internal import StrictJSON

/// A key of a root or of delegations (TUF 4.2.1, KEY).
struct PublicKey: Sendable {
    /// `nil` for keys and schemes that are not known here: they sign nothing.
    ///
    /// A repository may have keys of which clients know some. What counts is that enough known ones sign.
    private let verification: (key: VerificationKey, scheme: SignatureScheme)?

    /// Most keys in one list; each is parsed.
    private static let listedMax = 4_096

    private init(_ value: JSONValue) throws(MetadataFault) {
        var fields = try MetadataFields(value, "a key")
        _ = try fields.requiredString("keytype")
        let scheme = TUFScheme(rawValue: try fields.requiredString("scheme"))
        var values = MetadataFields(try fields.requiredObject("keyval"))
        let text = try values.requiredString("public")
        guard let scheme, let key = Self.key(text, scheme), scheme.describes(key) else {
            verification = nil
            return
        }
        verification = (key, scheme.scheme)
    }

    /// Reads an object of keys by identifier. An identifier is a name here and proves nothing: repositories exist whose
    /// identifiers are not hashes of the keys, and keys are told apart by what they are.
    static func list(_ object: JSONObject) throws(MetadataFault) -> [ExactName: PublicKey] {
        guard object.count <= listedMax else { throw .malformed("there are too many keys") }
        var keys: [ExactName: PublicKey] = [:]
        for member in object.members { keys[ExactName(member.name)] = try PublicKey(member.value) }
        return keys
    }

    /// PEM, but for Ed25519, whose 32 bytes are hexadecimal.
    private static func key(_ text: String, _ scheme: TUFScheme) -> VerificationKey? {
        guard scheme == .ed25519 else { return try? VerificationKey(pem: Array(text.utf8)) }
        return Hexadecimal.decode(text).flatMap { try? VerificationKey(ed25519: $0) }
    }

    /// - Returns: the key itself, to be counted, if it made the signature.
    func signer(of signature: [UInt8], over message: [UInt8]) -> VerificationKey? {
        guard let verification, verification.key.isValid(signature, over: message, by: verification.scheme) else {
            return nil
        }
        return verification.key
    }
}
