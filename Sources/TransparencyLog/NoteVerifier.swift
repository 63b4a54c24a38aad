internal import Crypto
public import SignatureKeys

/// A public key with the name it signs notes under.
public struct NoteVerifier: Sendable, Hashable {
    public let name: NoteKeyName
    public let keyID: UInt32
    public let key: VerificationKey

    /// A key whose identifier is said by somebody who is trusted with it, such as a log's list of keys.
    public init(name: NoteKeyName, key: VerificationKey, keyID: UInt32) {
        self.name = name
        self.key = key
        self.keyID = keyID
    }

    /// An Ed25519 key; `nil` unless `publicKey` has 32 bytes (RFC 8032).
    public init?(name: NoteKeyName, publicKey: [UInt8]) {
        guard let key = try? VerificationKey(ed25519: publicKey) else { return nil }
        self.init(name: name, key: key, keyID: Self.keyID(name: name, publicKey: publicKey))
    }

    /// Parses a verifier key: `name+8 hexadecimal digits+base64(0x01 ‖ key)`. The identifier must match the key.
    public init?(vkey text: String) {
        // Base64 may contain a plus, a name may not: the first two separate.
        let fields = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count == 3, let name = NoteKeyName(fields[0]) else { return nil }
        guard let keyID = Hexadecimal.decodeUInt32(fields[1]), let blob = Base64.decode(fields[2].utf8) else {
            return nil
        }
        guard blob.first == Self.algorithm else { return nil }
        self.init(name: name, publicKey: Array(blob.dropFirst()))
        guard self.keyID == keyID else { return nil }
    }

    /// 32 bytes (RFC 8032), or the SubjectPublicKeyInfo of a key of another kind.
    public var publicKey: [UInt8] { key.ed25519Bytes ?? key.subjectPublicKeyInfo }

    /// The text form that a client is configured with. Of an Ed25519 key: nobody writes others in this form.
    public var vkey: String {
        "\(name)+\(Hexadecimal.encode(keyID))+\(Base64.encode([Self.algorithm] + publicKey))"
    }

    /// Whether the key signed an envelope (DSSE 1.0).
    public func isValid(_ signature: [UInt8], forPreAuthenticationEncoding bytes: [UInt8]) -> Bool {
        isValid(signature, for: bytes)
    }

    /// How an envelope names the key: the verifier key without the key itself.
    public var hint: String { "\(name)+\(Hexadecimal.encode(keyID))" }

    func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        key.isValid(signature, over: message, by: key.defaultScheme)
    }

    /// First four bytes, big-endian, of SHA-256(name ‖ newline ‖ algorithm ‖ key). C2SP signed-note, Signatures.
    static func keyID(name: NoteKeyName, publicKey: [UInt8]) -> UInt32 {
        let input = Array(name.description.utf8) + [UInt8(ascii: "\n"), algorithm] + publicKey
        return SHA256.hash(data: input).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Ed25519 in the registry of signature types of C2SP signed-note.
    static let algorithm: UInt8 = 1
}
