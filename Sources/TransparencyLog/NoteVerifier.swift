internal import Crypto
internal import FoundationEssentials

/// A public Ed25519 key with the name it signs notes under.
public struct NoteVerifier: Sendable, Hashable {
    public let name: NoteKeyName
    public let keyID: UInt32

    /// 32 bytes (RFC 8032).
    public let publicKey: [UInt8]

    /// `nil` unless `publicKey` has 32 bytes.
    public init?(name: NoteKeyName, publicKey: [UInt8]) {
        guard publicKey.count == Self.keyByteCount else { return nil }
        self.name = name
        self.publicKey = publicKey
        keyID = Self.keyID(name: name, publicKey: publicKey)
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

    /// The text form that a client is configured with.
    public var vkey: String {
        "\(name)+\(Hexadecimal.encode(keyID))+\(Base64.encode([Self.algorithm] + publicKey))"
    }

    func isValid(_ signature: [UInt8], for message: [UInt8]) -> Bool {
        guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: publicKey) else { return false }
        return key.isValidSignature(signature, for: message)
    }

    /// First four bytes, big-endian, of SHA-256(name ‖ newline ‖ algorithm ‖ key). C2SP signed-note, Signatures.
    static func keyID(name: NoteKeyName, publicKey: [UInt8]) -> UInt32 {
        let input = Array(name.description.utf8) + [UInt8(ascii: "\n"), algorithm] + publicKey
        return SHA256.hash(data: input).prefix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// Ed25519 in the registry of signature types of C2SP signed-note.
    static let algorithm: UInt8 = 1
    private static let keyByteCount = 32
}
